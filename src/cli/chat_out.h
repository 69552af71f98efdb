/* What an answer looks like while it comes: on a terminal broken at blanks and made harmless, in a
 * pipe as it is; thoughts apart from the answer. */
#ifndef CLI_CHAT_OUT_H
#define CLI_CHAT_OUT_H

#include "cli/chat.h"
#include "cli/progress.h"
#include "cli/wrap.h"

struct chat_out {
    struct chat *chat;
    struct buf safe, shown; /* work space */
    struct wrap wrap;
    struct progress bar; /* until the first text comes */
    struct err err;      /* standard output could not be written: nobody is left to answer */
    bool begun, thinking;
    bool at_line; /* what was shown last ended a line */
};

void chat_out_begin(struct chat_out *o, struct chat *c);
/* A piece of whole characters. Text of the answer also goes to chat->answer; thoughts are shown
 * only: dimmed in a conversation, between lines <think> and </think> in a single answer, not at all
 * where an answer has to have a form (--schema, --grammar, --json). */
void chat_out_text(struct chat_out *o, const char *text, size_t len, bool is_thought);
/* Shows what was held back; clears the bar. */
void chat_out_end(struct chat_out *o);
void chat_out_finish(struct chat_out *o);

#endif
