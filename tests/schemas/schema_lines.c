/* Prints random schemas and texts that were held to them, one schema a line, for tests/schemas.
 * Half of the texts are drawn blindly from the masks, half by the built-in model.
 *
 * usage: schema-lines MODEL N-SCHEMA N-BLIND N-MODEL SEED (texts a schema) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "engine/engine.h"
#include "schemas/gen_schema.h"
#include "text/grammar_mask.h"

#define TEXT_BYTES_MAX (1U << 20)
#define TOKENS_MAX     400U
#define N_SEQ          8U
#define ROUNDS_MAX     4U

struct work {
    struct engine *g;
    struct gvocab *vocab;
    struct gen gen;
    struct buf line;
    struct jsonw w;
    uint32_t n_text, n_cut, n_refused;
};

static const char *at_work = ""; /* the schema, for complaints */

static void die(const char *what, const struct err *e)
{
    (void)fprintf(stderr, "schema-lines: %s: %s: %s\n", what, e->text, at_work);
    exit(2);
}

/* ---- blind ---- */

/* A random allowed token, short ones more often: they end things. */
static int32_t any_token(struct work *k, const uint64_t *mask, uint32_t n)
{
    const struct tok *t = engine_tok(k->g);
    bool is_short = gen_below(&k->gen, 2);
    int32_t found = TOK_NONE;

    for (unsigned round = 0; round < 2 && found == TOK_NONE; round++, is_short = false) {
        uint32_t n_seen = 0;

        for (uint32_t i = 0; i < n; i++) {
            size_t len = 0;

            if (!(mask[i / 64] >> (i % 64) & 1))
                continue;
            if (is_short)
                (void)tok_spelling(t, (int32_t)i, &len);
            if (len <= 1 && gen_below(&k->gen, ++n_seen) == 0)
                found = (int32_t)i;
        }
    }
    return found;
}

static bool draw_blind(struct work *k, const struct grammar *grammar, struct buf *out)
{
    const struct tok *t = engine_tok(k->g);
    uint32_t n = tok_n_vocab(t), at;
    uint64_t *mask = mem_alloc_n(MEM_OTHER, n / 64 + 1, sizeof(*mask));
    struct gmatch *m = NULL;
    struct err e = { 0 };
    bool whole = false;

    if (!mask || gmatch_open(&m, grammar, false, (size_t)64 << 20, &e))
        die("a match", &e);
    at = gmatch_start(m);
    for (unsigned i = 0; i < TOKENS_MAX && !whole; i++) {
        int32_t id;

        if (gmatch_mask(m, k->vocab, at, mask, &e))
            die("a mask", &e);
        id = any_token(k, mask, n);
        if (id == TOK_NONE) {
            whole = gmatch_may_end(m, at);
            if (whole)
                break;
            (void)snprintf(e.text, sizeof(e.text), "nothing may follow %s", buf_str(out));
            die("a mask", &e);
        }
        if (tok_is_end(t, id)) {
            whole = true;
        } else if (tok_piece(t, id, out, &e) || gmatch_accept(m, k->vocab, &at, id, &e) || !at) {
            die(buf_str(out), &e);
        }
    }
    gmatch_close(m);
    mem_free(mask);
    return whole;
}

static void blind_texts(struct work *k, const struct grammar *grammar, uint32_t n)
{
    struct buf text;

    buf_init(&text, MEM_OTHER, TEXT_BYTES_MAX);
    for (uint32_t i = 0, tries = 0; i < n && tries < n * ROUNDS_MAX; tries++) {
        buf_clear(&text);
        if (!draw_blind(k, grammar, &text)) {
            k->n_cut++;
            continue;
        }
        jsonw_strn(&k->w, buf_str(&text), text.len);
        k->n_text++;
        i++;
    }
    buf_finish(&text);
}

/* ---- by the model ---- */

struct answer {
    struct buf text;
    enum finish finish;
};

static void on_event(void *arg, const struct engine_event *ev)
{
    struct answer *a = ev->arg ? ev->arg : arg;

    (void)buf_add(&a->text, ev->text, ev->len);
    if (ev->kind == EV_DONE)
        a->finish = ev->finish;
    if (ev->kind == EV_DONE && ev->finish == FINISH_ERROR)
        die(buf_str(&a->text), ev->err);
}

static void model_texts(struct work *k, const struct grammar *grammar, uint32_t n)
{
    static const char prompt[] = "<|im_start|>user\nFill the form.<|im_end|>\n<|im_start|>"
                                 "assistant\n";
    struct ids ids;
    struct err e = { 0 };
    uint32_t n_done = 0;

    ids_init(&ids);
    if (tok_encode(engine_tok(k->g), prompt, strlen(prompt),
                   (struct tok_params){ .parse_special = true }, &ids, &e))
        die("the prompt", &e);
    for (unsigned round = 0; round < ROUNDS_MAX * (n / N_SEQ + 1) && n_done < n; round++) {
        struct answer answers[N_SEQ];

        for (uint32_t i = 0; i < N_SEQ; i++) {
            struct sampling s = sampling_defaults();
            struct engine_request r = { .tokens = ids.at,
                                        .n_tok = (uint32_t)ids.n,
                                        .n_predict = TOKENS_MAX,
                                        .sampling = &s,
                                        .grammar = grammar,
                                        .on_event = on_event,
                                        .arg = &answers[i] };
            uint64_t id;

            buf_init(&answers[i].text, MEM_OTHER, TEXT_BYTES_MAX);
            s.temperature = 0.5F + 0.25F * (float)i;
            s.seed = gen_below(&k->gen, 1U << 30);
            s.has_seed = true;
            if (engine_submit(k->g, &r, &id, &e))
                die("a request", &e);
        }
        if (engine_run(k->g, &e))
            die("the engine", &e);
        for (uint32_t i = 0; i < N_SEQ; i++) {
            bool whole = answers[i].finish == FINISH_EOS;

            k->n_cut += !whole;
            if (whole && n_done < n) {
                jsonw_strn(&k->w, buf_str(&answers[i].text), answers[i].text.len);
                n_done++;
                k->n_text++;
            }
            buf_finish(&answers[i].text);
        }
    }
    ids_finish(&ids);
}

/* ---- all ---- */

static void one_schema(struct work *k, uint32_t n_blind, uint32_t n_model)
{
    struct grammar *grammar = NULL;
    struct js *schema = NULL;
    struct buf text;
    struct err e = { 0 };

    buf_init(&text, MEM_OTHER, TEXT_BYTES_MAX);
    k->gen.out = &text;
    while (!grammar) { /* contradictions are refused, and another one is made */
        gen_schema(&k->gen);
        js_close(schema);
        if (js_parse(&schema, buf_str(&text), text.len, &e))
            die(buf_str(&text), &e);
        if (grammar_of_schema(&grammar, schema, NULL, &e)) {
            k->n_refused++;
            if (e.code != ERR_ARG)
                (void)fprintf(stderr, "refused: %s\n", e.text);
        }
    }
    at_work = buf_str(&text);
    buf_clear(&k->line);
    jsonw_init(&k->w, &k->line);
    jsonw_obj(&k->w);
    jsonw_key(&k->w, "schema");
    jsonw_raw(&k->w, buf_str(&text), text.len);
    jsonw_key(&k->w, "texts");
    jsonw_arr(&k->w);
    blind_texts(k, grammar, n_blind);
    model_texts(k, grammar, n_model);
    jsonw_arr_end(&k->w);
    jsonw_obj_end(&k->w);
    (void)puts(buf_str(&k->line));
    grammar_close(grammar);
    js_close(schema);
    buf_finish(&text);
}

int main(int argc, char **argv)
{
    struct engine_params p = { .n_ctx = 1024, .n_seq = N_SEQ };
    struct engine_source src = { .path = argc > 1 ? argv[1] : "" };
    struct work k = { 0 };
    struct err e = { 0 };
    uint32_t n;

    if (argc != 6) {
        (void)fprintf(stderr, "usage: schema-lines MODEL N-SCHEMA N-BLIND N-MODEL SEED\n");
        return 2;
    }
    if (engine_open(&k.g, &src, &p, NULL, NULL, &e) || gvocab_of_tok(&k.vocab, engine_tok(k.g), &e))
        die(src.path, &e);
    n = (uint32_t)strtoul(argv[2], NULL, 10);
    k.gen.seed = strtoull(argv[5], NULL, 10);
    buf_init(&k.line, MEM_OTHER, 256U << 20);
    for (uint32_t i = 0; i < n; i++)
        one_schema(&k, (uint32_t)strtoul(argv[3], NULL, 10), (uint32_t)strtoul(argv[4], NULL, 10));
    (void)fprintf(stderr, "%u schemas (%u more were refused), %u texts, %u cut off\n", n,
                  k.n_refused, k.n_text, k.n_cut);
    buf_finish(&k.line);
    gvocab_destroy(k.vocab);
    engine_close(k.g);
    return 0;
}
