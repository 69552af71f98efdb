/* Clock, process and terminal matters of the system. */
#ifndef OS_SYS_H
#define OS_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* First thing in main: ignores SIGPIPE so that a closed pipe is an error and not a death. */
void os_init(void);

double clock_s(void);                 /* monotonic seconds since some moment */
int64_t clock_unix_s(void);           /* wall clock */
int32_t clock_zone_s(int64_t unix_s); /* the local zone then, seconds east of Greenwich; the first
                                          call reads the zone's file, later ones read none */
void sleep_ms(uint32_t ms);
uint64_t random_seed(void);              /* from the system's source of randomness */
bool random_bytes(void *to, size_t len); /* the same, for secrets: false when there is none */
uint64_t peak_rss_bytes(void);           /* most resident memory this process ever had */

/* Allows as many open files as the system lets this user have (up to 65,536); how many those are,
 * 0 = unknown. */
uint32_t file_limit_raise(void);
/* For processes that stay: freed memory goes back to the system rather than into pools per thread.
 * Before threads start. */
void memory_be_frugal(void);

/* Ctrl-C: after interrupt_watch(true) an interrupt sets a flag instead of ending the program. */
void interrupt_watch(bool on);
bool interrupt_seen(bool reset); /* any thread; reset clears the flag */

void stderr_silence(void); /* nothing more is shown there; before threads start */

/* Terminal. */
bool tty_is(int fd);
uint32_t tty_columns(int fd); /* 80 when unknown */
uint32_t tty_rows(int fd);    /* 24 when unknown */
/* Columns that a character takes: 0 (it joins the one before it), 1 or 2; 1 when unknown, which
 * includes control characters. Needs setlocale of a UTF-8 locale. */
uint32_t tty_width(uint32_t cp);

/* Keys come one by one, without echo, and Ctrl-C as a byte; output is as before. Gives what
 * tty_raw_end needs to restore the terminal (and frees), NULL when fd is none. */
void *tty_raw_begin(int fd);
void tty_raw_end(int fd, void *mode);

/* Can fd be read without waiting longer than timeout_ms? */
bool fd_readable(int fd, uint32_t timeout_ms);
/* One byte, waiting for it; false: the end, an error or an interrupt. */
bool fd_read_byte(int fd, unsigned char *to);

#endif
