/* Frames ready to be sent: other threads of the worker prepare them, its socket's thread sends. */
#ifndef RUNTIME_WIRE_INT_H
#define RUNTIME_WIRE_INT_H

#include "runtime/wire.h"

#define WIRE_HEAD_BYTES 16U

/* Appends a frame. */
bool wire_frame(struct buf *out, enum wire_kind kind, uint64_t job, const void *body, size_t len);

/* The same in two steps, for bodies that are written in place: begin, append the body to out, end
 * with what begin gave. */
size_t wire_frame_begin(struct buf *out, enum wire_kind kind, uint64_t job);
void wire_frame_end(struct buf *out, size_t begun);

/* Sends whole frames; errors as of wire_send. */
enum err_code wire_send_frames(struct wire *w, const void *frames, size_t len, struct err *e);

#endif
