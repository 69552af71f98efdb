/* RWKV's tokenizer: the longest token at each place, over raw bytes. */
#include "text/tok_int.h"

bool tok_encode_rwkv(struct tok_work *w, const char *text, size_t len)
{
    const struct trie *t = &w->t->trie;
    size_t best;

    for (size_t i = 0; i < len; i += best) {
        int32_t id = w->t->special[SPECIAL_UNK];
        uint32_t node = 0;

        if (!work_goes_on(w, 1))
            return false;
        best = 1;
        for (size_t j = i; j < len; j++) {
            node = trie_step(t, node, (unsigned char)text[j]);
            if (node == TRIE_NONE)
                break;
            if (t->value[node] && work_may_make(w, t->value[node] - 1)) {
                best = j + 1 - i;
                id = (int32_t)(t->value[node] - 1);
            }
        }
        if (id != TOK_NONE && !work_id(w, id))
            return false;
    }
    return true;
}
