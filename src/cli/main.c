/* The `hearth` command. */
#include <stdio.h>

#include "config.h"

int main(void)
{
    (void)printf("hearth %s\n", HEARTH_VERSION);
    return 0;
}
