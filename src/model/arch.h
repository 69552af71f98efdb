/* Architectures as rows: the facts that a GGUF file does not carry (architectures.md, section 4).
 *
 * The value of general.architecture selects a row; reading the metadata copies it, and history
 * (fixups) may then change that copy. Names stay in arch*.c. */
#ifndef MODEL_ARCH_H
#define MODEL_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "compute/plan.h"
#include "formats/gguf.h"

struct hparams;

/* Which norm tensors every layer has; a missing or an additional one is refused. */
enum norm_layout {
    LAYOUT_BEFORE,     /* before mixer, before FFN                                        */
    LAYOUT_AROUND,     /* the same, and on the outputs of both                            */
    LAYOUT_ON_OUTPUT,  /* only on the outputs                                             */
    LAYOUT_AFTER_ADD,  /* after each residual add                                         */
    LAYOUT_WEIGHTLESS, /* before both and before the head, without any tensor         */
    LAYOUT_SHARED,     /* one before the mixer; the FFN reads it too: parallel, one add   */
    LAYOUT_SINGLE      /* a layer is a mixer or an FFN, with one norm before it           */
};

enum rope_layers { ROPE_EVERY_LAYER, ROPE_SKIP_EACH_NTH, ROPE_WINDOWED_ONLY, ROPE_NO_LAYER };
enum window_rope { WROPE_SAME, WROPE_UNSCALED };
enum router_norm { RNORM_ALWAYS, RNORM_NEVER, RNORM_KEY };
enum embd_scaling { EMBD_KEY, EMBD_SQRT_N_EMBD };
enum logit_scaling { LOGITS_PLAIN, LOGITS_DIVIDE, LOGITS_MULTIPLY };

/* The zero of every field is the most common behaviour: a row lists only what differs. */
struct arch_traits {
    const char *name; /* value of general.architecture */
    enum norm_kind norm;
    enum norm_layout layout;
    bool parallel;         /* mixer and FFN side by side, each with its own norm           */
    bool ffn_norm_is_post; /* post_attention_norm stands before the FFN                     */
    bool out_norm_is_embd; /* token_embd_norm is the final norm                             */
    bool embd_norm;        /* token_embd_norm follows the embedding                         */
    bool second_norm;      /* attn_norm_2 may be there                                      */
    bool bidirectional;    /* default of attention.causal is false                          */
    bool headless;         /* an encoder: hidden states only                                */
    bool ignore_window;    /* attention.sliding_window tells nothing here: warn, take the default */
    enum act_kind act;
    enum embd_scaling embd_scale;
    enum logit_scaling logit_scale;
    float cap_attn;    /* default of attn_logit_softcapping, 0 = none  */
    float cap_final;   /* default of final_logit_softcapping, 0 = none */
    float attn_scale;  /* 0 = attention.scale if set, else 1/sqrt(head_k) */
    float alibi;       /* largest slope, 0 = none */
    bool qk_norm_late; /* norm Q and K after the rotation */
    bool qk_bare_norm; /* Q and K of rotated layers are normalised without a weight */
    bool v_norm;       /* V is normalised without a weight; layers without attn_v take K for it */
    struct {
        enum rope_pairing pairing;
        enum rope_layers layers;
        uint8_t nth;        /* of ROPE_SKIP_EACH_NTH */
        bool div_full_only; /* rope_freqs applies to unwindowed layers only */
    } rope;
    struct { /* of the query in layers that do not rotate; attention.temperature_scale is another */
        float scale;     /* 0 = none */
        uint32_t len;    /* positions of a step */
        uint32_t offset; /* added to the position */
    } temp;
    struct {
        enum window_kind kind;
        uint8_t period;        /* every period-th layer is full; 0 = all windowed      */
        uint32_t n_default;    /* window when the key is absent; 0 = then no window    */
        float freq_base;       /* default base of windowed layers; 0 = the global one  */
        enum window_rope rope; /* do context-extension factors apply to them?          */
    } window;
    struct {
        enum router_score score; /* when expert_gating_func is absent */
        enum router_norm norm;
        bool weigh_input; /* an expert's weight multiplies what it reads, not what it gives */
    } moe;
    /* What can only be guessed from odd combinations. Runs once all keys are read. */
    enum err_code (*fixup)(struct hparams *hp, const struct gguf *g, struct err *e);
};

/* NULL when unknown; the name need not end in NUL. */
const struct arch_traits *arch_find(const char *name, size_t len);

/* Rows by index, NULL behind the last (tests). */
const struct arch_traits *arch_at(size_t i);

/* arch_fixup.c */
enum err_code fix_gemma_27b(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_granite(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_glm4(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_stablelm(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_gptneox(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_exaone4(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_deepseek2(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_llama4(struct hparams *hp, const struct gguf *g, struct err *e);
enum err_code fix_minicpm(struct hparams *hp, const struct gguf *g, struct err *e);

#endif
