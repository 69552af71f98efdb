/* The list of pre-tokenizers, and the loop that applies their passes. */
#include "text/pre.h"

#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "text/pre_int.h"
#include "text/unicode.h"

#define NOT_PUNCT  (UC_SPACE | UC_LETTER | UC_NUMBER)
#define NOT_PUNCTM (UC_SPACE | UC_LETTER | UC_MARK | UC_NUMBER)

/* clang-format off */
#define RUN(set_, prefix_, min_, max_) \
    { .kind = PASS_RUN, .set = set_, .prefix = prefix_, .min = min_, .max = max_ }
#define GPT2 { .kind = PASS_GPT2 }
#define NUMBER1  RUN(SET_NUMBER, PREFIX_NONE, 1, 1)
#define NUMBER3  RUN(SET_NUMBER, PREFIX_NONE, 1, 3)
#define NUMBERS  RUN(SET_NUMBER, PREFIX_NONE, 1, 0)
#define DIGITS3  RUN(SET_DIGIT, PREFIX_NONE, 3, 3)
#define LINES    RUN(SET_LINE, PREFIX_NONE, 1, 0)
#define NEWLINE1 RUN(SET_NEWLINE, PREFIX_NONE, 1, 1)
#define WORDS(word_, apos_, digits_, tail_) \
    { .kind = PASS_WORDS, .word = word_, .apos = apos_, .digits = digits_, .tail = tail_, \
      .punct_not = NOT_PUNCT }
#define CLAUSES { .kind = PASS_CLAUSES, .tail = TAIL_LINES }

static const struct pre_pass p_default[] = { RUN(SET_PUNCT_MATH, PREFIX_NONE, 1, 0), GPT2, NUMBERS,
                                             DIGITS3 };
static const struct pre_pass p_falcon[] = { RUN(SET_PUNCT_TICK, PREFIX_NONE, 1, 0), GPT2, DIGITS3 };
static const struct pre_pass p_gpt2[] = { GPT2 };
static const struct pre_pass p_starcoder[] = { NUMBER1, GPT2 };
static const struct pre_pass p_llama3[] = { WORDS(WORD_LETTERS, APOS_FIRST, 3, TAIL_LINES) };
static const struct pre_pass p_jais2[] = {
    { .kind = PASS_WORDS, .word = WORD_LETTERS, .apos = APOS_FIRST, .digits = 3, .tail = TAIL_LINES,
      .punct_not = NOT_PUNCT, .space = SPACE_CASCADE } };
static const struct pre_pass p_qwen2[] = { WORDS(WORD_LETTERS, APOS_FIRST, 1, TAIL_LINES) };
static const struct pre_pass p_qwen35[] = {
    { .kind = PASS_WORDS, .word = WORD_MARKED, .apos = APOS_FIRST, .digits = 1, .tail = TAIL_LINES,
      .punct_not = NOT_PUNCTM } };
static const struct pre_pass p_seed[] = { WORDS(WORD_LETTERS, APOS_FIRST, 1, TAIL_NONE) };
static const struct pre_pass p_minicpm5[] = { NUMBER3,
                                              WORDS(WORD_LETTERS, APOS_FIRST, 0, TAIL_LINES) };
static const struct pre_pass p_laguna[] = { LINES, WORDS(WORD_LETTERS, APOS_FIRST, 1, TAIL_LINES) };
static const struct pre_pass p_tekken[] = { WORDS(WORD_CASED, APOS_NONE, 1, TAIL_LINES_SLASH) };
static const struct pre_pass p_gpt4o[] = { WORDS(WORD_CASED, APOS_SUFFIX, 3, TAIL_LINES_SLASH) };
static const struct pre_pass p_granite97[] = {
    WORDS(WORD_CASED_MARKED, APOS_SUFFIX, 3, TAIL_LINES_SLASH) };
static const struct pre_pass p_youtu[] = { RUN(SET_YOUTU, PREFIX_NONE, 1, 0),
                                           WORDS(WORD_MARKED, APOS_SUFFIX, 1, TAIL_LINES_SLASH) };
static const struct pre_pass p_tiny_aya[] = {
    { .kind = PASS_DIGITS3 }, WORDS(WORD_MARKED, APOS_SUFFIX, 3, TAIL_LINES_SLASH) };
static const struct pre_pass p_kimi[] = { WORDS(WORD_NOT_HAN, APOS_SUFFIX, 3, TAIL_LINES) };
static const struct pre_pass p_exaone_moe[] = { WORDS(WORD_PHRASE, APOS_FIRST, 1, TAIL_ONE) };
static const struct pre_pass p_deepseek3[] = { NUMBER3, RUN(SET_KANA_HAN, PREFIX_NONE, 1, 0),
                                               CLAUSES };
static const struct pre_pass p_afmoe[] = { { .kind = PASS_DIGITS3 },
                                           RUN(SET_AFMOE_CJK, PREFIX_NONE, 1, 0), CLAUSES };
static const struct pre_pass p_spark[] = { NUMBER3, RUN(SET_KANA_HAN, PREFIX_NONE, 1, 0),
                                           { .kind = PASS_CLAUSES, .one_line = 1 }, NUMBER1 };
static const struct pre_pass p_deepseek[] = { NEWLINE1, RUN(SET_DEEPSEEK_ABC, PREFIX_WHITE, 1, 0),
                                              RUN(SET_DEEPSEEK_PUNCT, PREFIX_WHITE, 1, 0),
                                              { .kind = PASS_TRAIL },
                                              RUN(SET_DEEPSEEK_CJK, PREFIX_NONE, 1, 0), NUMBERS };
static const struct pre_pass p_coder[] = { NEWLINE1, RUN(SET_LETTER, PREFIX_WHITE, 1, 0),
                                           RUN(SET_PUNCT, PREFIX_WHITE, 1, 0),
                                           RUN(SET_DEEPSEEK_CJK, PREFIX_NONE, 1, 0), NUMBER1 };
static const struct pre_pass p_bloom[] = { RUN(SET_BLOOM, PREFIX_BLANK, 1, 0) };
static const struct pre_pass p_viking[] = { RUN(SET_BLOOM, PREFIX_BLANK, 1, 0), NUMBER1 };
static const struct pre_pass p_chameleon[] = {
    { .kind = PASS_SENTINEL }, { .kind = PASS_IMAGE }, { .kind = PASS_BLANKS }, NUMBER1,
    RUN(SET_PUNCT_ASCII, PREFIX_NONE, 1, 1), GPT2 };
static const struct pre_pass p_superbpe[] = { NUMBERS, { .kind = PASS_SPLIT3 } };
static const struct pre_pass p_lines[] = { LINES };

#define DEF(name_, passes, flags_) { name_, passes, COUNT_OF(passes), flags_ }
#define KEEP PRE_KEEP_SPACES
#define IGNORE PRE_IGNORE_MERGES

static const struct pre_def defs[] = {
    DEF("default", p_default, 0),
    DEF("llama3", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("llama-v3", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("llama-bpe", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("falcon3", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("falcon-h1", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("pixtral", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("midm-2.0", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("lfm2", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("jina-v5-nano", p_llama3, IGNORE | PRE_ADD_BOS),
    DEF("dbrx", p_llama3, 0),
    DEF("smaug-bpe", p_llama3, 0),
    DEF("glm4", p_llama3, PRE_NO_BOS),
    DEF("chatglm-bpe", p_llama3, PRE_NO_BOS),
    DEF("jais-2", p_jais2, 0),
    DEF("deepseek-llm", p_deepseek, KEEP),
    DEF("deepseek-coder", p_coder, KEEP),
    DEF("deepseek-v3", p_deepseek3, KEEP),
    DEF("hunyuan-dense", p_deepseek3, KEEP),
    DEF("joyai-llm", p_deepseek3, KEEP),
    DEF("spark2_5", p_spark, KEEP),
    DEF("youtu", p_youtu, KEEP | IGNORE),
    DEF("falcon", p_falcon, 0),
    DEF("mpt", p_gpt2, 0),
    DEF("gpt-2", p_gpt2, 0),
    DEF("phi-2", p_gpt2, 0),
    DEF("jina-es", p_gpt2, 0),
    DEF("jina-de", p_gpt2, 0),
    DEF("gigachat", p_gpt2, 0),
    DEF("jina-v2-es", p_gpt2, 0),
    DEF("jina-v2-de", p_gpt2, 0),
    DEF("a.x-4.0", p_gpt2, 0),
    DEF("mellum", p_gpt2, 0),
    DEF("modern-bert", p_gpt2, 0),
    DEF("exaone4", p_gpt2, 0),
    DEF("olmo", p_gpt2, 0),
    DEF("jais", p_gpt2, 0),
    DEF("trillion", p_gpt2, KEEP),
    DEF("granite-docling", p_gpt2, KEEP),
    DEF("jina-v1-en", p_gpt2, PRE_ADD_SEP),
    DEF("jina-v2-code", p_gpt2, PRE_ADD_SEP),
    DEF("roberta-bpe", p_gpt2, PRE_ADD_SEP),
    DEF("starcoder", p_starcoder, 0),
    DEF("refact", p_starcoder, 0),
    DEF("command-r", p_starcoder, KEEP),
    DEF("smollm", p_starcoder, KEEP),
    DEF("codeshell", p_starcoder, 0),
    DEF("exaone", p_starcoder, 0),
    DEF("minerva-7b", p_starcoder, 0),
    DEF("mellum2", p_starcoder, 0),
    DEF("stablelm2", p_qwen2, 0),
    DEF("qwen2", p_qwen2, KEEP),
    DEF("deepseek-r1-qwen", p_qwen2, KEEP),
    DEF("kormo", p_qwen2, KEEP),
    DEF("f2llmv2", p_qwen2, KEEP),
    DEF("megrez", p_qwen2, 0),
    DEF("hunyuan", p_qwen2, KEEP),
    DEF("solar-open", p_qwen2, KEEP),
    DEF("grok-2", p_qwen2, KEEP),
    DEF("bailingmoe", p_qwen2, KEEP),
    DEF("bailingmoe2", p_qwen2, KEEP),
    DEF("llada-moe", p_qwen2, KEEP),
    DEF("qwen35", p_qwen35, KEEP),
    DEF("seed-coder", p_seed, KEEP),
    DEF("minicpm5", p_minicpm5, IGNORE),
    DEF("laguna", p_laguna, KEEP),
    DEF("tekken", p_tekken, KEEP | IGNORE | PRE_ADD_BOS),
    DEF("gpt-4o", p_gpt4o, KEEP),
    DEF("llama4", p_gpt4o, KEEP),
    DEF("kanana2", p_gpt4o, KEEP),
    DEF("talkie", p_gpt4o, KEEP),
    DEF("minimax-m2", p_gpt4o, KEEP),
    DEF("granite-embed-multi-97m", p_granite97, KEEP | IGNORE),
    DEF("tiny_aya", p_tiny_aya, KEEP),
    DEF("cohere2moe", p_tiny_aya, KEEP),
    DEF("kimi-k2", p_kimi, KEEP),
    DEF("exaone-moe", p_exaone_moe, 0),
    DEF("afmoe", p_afmoe, KEEP),
    DEF("bloom", p_bloom, 0),
    DEF("gpt3-finnish", p_bloom, 0),
    DEF("poro-chat", p_bloom, KEEP),
    DEF("viking", p_viking, KEEP),
    DEF("chameleon", p_chameleon, KEEP | PRE_ADD_BOS),
    DEF("superbpe", p_superbpe, KEEP),
    DEF("gemma4", p_lines, PRE_RAW),
    DEF("granite-embed-multi-311m", p_lines, PRE_RAW),
    DEF("sarvam-moe", p_lines, PRE_RAW | KEEP),
};
/* clang-format on */

const struct pre_def *pre_at(size_t i)
{
    return i < COUNT_OF(defs) ? &defs[i] : NULL;
}

const struct pre_def *pre_find(const char *name, size_t len)
{
    for (size_t i = 0; i < COUNT_OF(defs); i++) {
        if (strlen(defs[i].name) == len && memcmp(defs[i].name, name, len) == 0)
            return &defs[i];
    }
    return NULL;
}

void pre_finish(struct pre_work *w)
{
    mem_free(w->cp);
    mem_free(w->cls);
    mem_free(w->end);
    mem_free(w->end_new);
    *w = (struct pre_work){ 0 };
}

/* Room for n elements; the contents are kept. */
static bool need(void **at, size_t *cap, size_t n, size_t bytes)
{
    size_t new_cap;
    void *p;

    if (n <= *cap)
        return true;
    new_cap = n + n / 2 + 64;
    p = mem_realloc(MEM_REQUEST, *at, new_cap * bytes);
    if (!p)
        return false;
    *at = p;
    *cap = new_cap;
    return true;
}

#define WORK_PER_ASK 65536U /* characters or pieces: well below a millisecond */

/* False: the text is given up. n: characters or pieces that are there already. */
static bool goes_on(struct pre_work *w, size_t n)
{
    if (n % WORK_PER_ASK == 0 && stop_asked(w->stop))
        w->is_stopped = true;
    return !w->is_stopped;
}

static bool decode(struct pre_work *w, const char *text, size_t len)
{
    size_t n = 0;

    if (!need((void **)&w->cp, &w->cp_cap, len, sizeof(*w->cp)) ||
        !need((void **)&w->cls, &w->cls_cap, len, sizeof(*w->cls)))
        return false;
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];

        if (!goes_on(w, n))
            return false;
        if (c < 0x80) {
            w->cp[n] = c;
            i++;
        } else {
            i += unicode_decode(text + i, len - i, &w->cp[n]);
        }
        w->cls[n] = unicode_class(w->cp[n]);
        n++;
    }
    w->n = n;
    return true;
}

static bool end_add(struct pre_work *w, size_t *n, size_t end)
{
    if (!goes_on(w, *n) ||
        !need((void **)&w->end_new, &w->end_new_cap, *n + 1, sizeof(*w->end_new)))
        return false;
    w->end_new[(*n)++] = (uint32_t)end;
    return true;
}

/* Cuts [from, stop) by one pattern: matches, and what lies between them. */
static bool cut_piece(struct pre_work *w, const struct pre_pass *p, size_t from, size_t stop,
                      size_t *n)
{
    size_t gap = from;

    for (size_t i = from; i < stop;) {
        size_t e = pre_match(w, p, i, stop);

        if (e == i) {
            i++;
            continue;
        }
        if (i > gap && !end_add(w, n, i))
            return false;
        if (!end_add(w, n, e))
            return false;
        i = gap = e;
    }
    return gap == stop || end_add(w, n, stop);
}

bool pre_cut(struct pre_work *w, const struct pre_def *def, const char *text, size_t len)
{
    w->n_end = 0;
    w->run_lo = w->run_hi = 0;
    if (len == 0)
        return true;
    if (!decode(w, text, len) || !need((void **)&w->end, &w->end_cap, 1, sizeof(*w->end)))
        return false;
    w->end[0] = (uint32_t)w->n;
    w->n_end = 1;
    for (unsigned k = 0; k < def->n_pass; k++) {
        size_t from = 0, n = 0, cap;
        uint32_t *end;

        for (size_t i = 0; i < w->n_end; i++) {
            if (!cut_piece(w, &def->pass[k], from, w->end[i], &n))
                return false;
            from = w->end[i];
        }
        end = w->end;
        cap = w->end_cap;
        w->end = w->end_new;
        w->end_cap = w->end_new_cap;
        w->end_new = end;
        w->end_new_cap = cap;
        w->n_end = n;
    }
    return true;
}
