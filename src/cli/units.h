/* Numbers as people read them (cli.md 1.3). */
#ifndef CLI_UNITS_H
#define CLI_UNITS_H

#include <stddef.h>
#include <stdint.h>

void units_bytes(char *out, size_t cap, uint64_t bytes);   /* file sizes, base 1000: "4.92 GB"  */
void units_memory(char *out, size_t cap, uint64_t bytes);  /* memory, base 1024: "4.58 GiB"     */
void units_grouped(char *out, size_t cap, uint64_t n);     /* "32,768"                          */
void units_count(char *out, size_t cap, uint64_t n);       /* "1.24 B", "4.10 M"                */
void units_elapsed(char *out, size_t cap, double seconds); /* "1h 2m 3.00s", "4.21s", "350.00ms" */

#endif
