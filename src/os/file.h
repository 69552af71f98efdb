/* Files: mapped, read whole, written so that a crash leaves the old or the new one. Any thread. */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct file_map {
    const uint8_t *base; /* read-only pages of the whole file; NULL for an empty file */
    size_t size;
    intptr_t _handle;
};

/* Maps a regular file read-only. ERR_NOT_FOUND, ERR_IO (why in the text; a directory is named so).
 */
enum err_code file_map(struct file_map *m, const char *path, struct err *e);
void file_unmap(struct file_map *m); /* zeroed or unmapped: does nothing */

/* Hints: these bytes will be read soon (in the background) / their pages may be given back. */
void file_map_will_need(const struct file_map *m, size_t offset, size_t len);
void file_map_dont_need(const struct file_map *m, size_t offset, size_t len);

/* A regular file that is read where its reader likes: no byte of it is ever mapped, so that it may
 * be shortened meanwhile. */
struct file_in {
    int _fd;
    uint64_t size;    /* when it was opened */
    const char *path; /* for messages; the caller's */
};
/* Errors as of file_map. */
enum err_code file_in_open(struct file_in *f, const char *path, struct err *e);
/* len bytes from `at` on; *n: how many there are, fewer only where the file ends now. */
enum err_code file_in_read(const struct file_in *f, uint64_t at, void *to, size_t len, size_t *n,
                           struct err *e);
void file_in_close(struct file_in *f);

/* Appends the whole file to b (bounded by b's maximum). "-" is not special. */
enum err_code file_read(struct buf *b, const char *path, struct err *e);

/* Appends all of standard input to b. */
enum err_code file_read_stdin(struct buf *b, struct err *e);

/* Writes path.tmp-…, syncs, renames over path: a crash leaves the old contents or the new. */
enum err_code file_write(const char *path, const void *data, size_t len, struct err *e);

/* A file written front to back, renamed into place at the end. */
struct file_out;
enum err_code file_out_open(struct file_out **out, const char *path, struct err *e);
enum err_code file_out_write(struct file_out *f, const void *data, size_t len, struct err *e);
uint64_t file_out_bytes(const struct file_out *f);
enum err_code file_out_commit(struct file_out *f, struct err *e); /* frees f, also on failure */
void file_out_abandon(struct file_out *f); /* removes the unfinished file; NULL ok */

/* A file that only grows, mode 0600, for logs. Each write is one call and is not synced. */
struct file_append {
    int _fd;
    uint64_t n_bytes; /* its size */
};
enum err_code file_append_open(struct file_append *f, const char *path, struct err *e);
bool file_append(struct file_append *f, const void *data, size_t len); /* false: not all of it */
void file_append_close(struct file_append *f); /* closed already: does nothing */

bool file_exists(const char *path); /* a regular file */
enum err_code file_size(const char *path, uint64_t *size, struct err *e);

/* Makes a file that only its owner may read and write: created empty, or its mode is changed. */
enum err_code file_make_private(const char *path, struct err *e);

/* Creates path and its parents (mode 0700 for new ones); existing is fine. */
enum err_code dir_create(const char *path, struct err *e);

/* All of len bytes to standard output, resuming after partial writes; ERR_IO also when the reader
 * has gone (SIGPIPE must be ignored, see os_init). */
enum err_code stdout_write(const void *data, size_t len, struct err *e);

/* The running program's own path into out; false when the system does not tell. */
bool program_path(char *out, size_t cap);

/* When the running program's file was written last; 0 when the system does not tell. */
int64_t program_unix_s(void);

#endif
