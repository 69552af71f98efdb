/* Inside os/ only: the two means of sandbox.c. */
#ifndef OS_SANDBOX_INT_H
#define OS_SANDBOX_INT_H

#include "base/err.h"

/* Version of the kernel's Landlock, 0 = it has none or it is off. */
int landlock_abi(void);

/* Gives away every right that this version knows: of the calling thread and of threads that it
 * starts, from version 8 on of all threads. abi > 0. ERR_DEVICE. */
enum err_code landlock_enter(int abi, struct err *e);

#endif
