/* Where a conversation is computed: by the engine of this process, by the daemon of this machine
 * when one runs, or by a server elsewhere. */
#ifndef CLI_CHAT_PLACE_H
#define CLI_CHAT_PLACE_H

#include "cli/chat.h"
#include "cli/chat_out.h"

#define CHAT_TTL_S 3600U /* of a model that a conversation loads into a server */

/* ---- chat_place.c; in builds without the server all is computed here ---- */
/* Sets o->server (into room, NULL: this process) and o->model (into name[CHAT_MODEL_BYTES], or as
 * it was typed). A model's file, and options that only the engine of this process knows, are for
 * this process; else a running daemon is asked. Without a model: the only one that the server has
 * loaded, else the built-in one. May ask at a terminal. */
struct client;
enum err_code chat_place(struct chat_opts *o, const struct positionals *rest, struct client *room,
                         char *name, struct err *e);
/* A name, or a part of one, of the models where this conversation is computed; NULL: asks.
 * ERR_NOT_FOUND: no such, or none was chosen. */
enum err_code chat_choose(const struct chat *c, const char *word, char *name, struct err *e);
/* Who answers, for people: "the daemon", "http://box:1234"; "" for this process. */
const char *chat_where(const struct chat *c);
/* Names of models for completion, each told to fn; failures are silent. */
void chat_names(const struct chat *c, void (*fn)(void *arg, const char *name), void *arg);

/* ---- chat_server.c ---- */
/* Has the server answer with this model, which is loaded first when it is not. Sets c->model and
 * c->n_ctx. */
enum err_code chat_server_use(struct chat *c, const char *model, struct err *e);
/* As chat_answer: shows the answer and keeps its text and calls in c. */
enum err_code chat_server_answer(struct chat *c, struct chat_out *out, struct err *e);

#endif
