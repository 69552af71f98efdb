/* Filters that read a whole sequence and give a value or a list. */
#include "text/jinja_int.h"

#include <string.h>

static struct jval f_list(struct jrun *r, struct jval in, const struct jval *v)
{
    (void)v;
    return jv_to_list(r, in, JV_LIST);
}

static struct jval f_first(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jiter it;
    struct jval x;

    (void)v;
    if (!jiter_open(r, &it, in))
        return jv_none();
    if (jiter_next(r, &it, &x))
        return x;
    return jv_undef_text(r, jv_lit("No first item, sequence was empty."));
}

static struct jval f_last(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval list;

    (void)v;
    if (in.kind == JV_GEN || in.kind == JV_LOOP) {
        jr_fail(r, "'%s' object is not reversible", jv_type(&in));
        return in;
    }
    list = jv_to_list(r, in, JV_LIST);
    if (r->rc || list.u.list->n == 0)
        return jv_undef_text(r, jv_lit("No last item, sequence was empty."));
    return list.u.list->at[list.u.list->n - 1];
}

/* Not random: a prompt must be the same twice. */
static struct jval f_random(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval x = f_first(r, in, v);

    if (x.kind == JV_UNDEF)
        return jv_undef_text(r, jv_lit("No random item, sequence was empty."));
    return x;
}

static struct jval f_join(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval sep = v[0].kind == JV_UNSET ? jv_lit("") : jv_plain(jv_to_str(r, v[0])), x;
    size_t mark = r->out->len;
    struct jiter it;
    bool is_first = true;

    if (!jiter_open(r, &it, in))
        return jv_none();
    while (jiter_next(r, &it, &x)) {
        if (!is_first)
            jr_write(r, sep.u.s, sep.len);
        is_first = false;
        x = jattr_get(r, x, &v[1]);
        jv_write_str(r, &x);
    }
    return jr_take(r, mark);
}

static struct jval f_sum(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval total = v[1].kind == JV_UNSET ? jv_int(0) : v[1], x;
    struct jiter it;

    if (total.kind == JV_STR) {
        jr_fail(r, "sum() can't sum strings [use ''.join(seq) instead]");
        return total;
    }
    if (!jiter_open(r, &it, in))
        return jv_none();
    while (jiter_next(r, &it, &x))
        total = jop_math(r, JO_ADD, total, jattr_get(r, x, &v[0]));
    return total;
}

static struct jval extreme(struct jrun *r, struct jval in, const struct jval *v, bool is_max)
{
    struct jval best = jv_unset(), best_key = jv_none(), x, key;
    struct jiter it;
    int cmp;

    if (!jiter_open(r, &it, in))
        return jv_none();
    while (jiter_next(r, &it, &x)) {
        key = jfold_case(r, jattr_get(r, x, &v[1]), jv_truth(&v[0]));
        if (best.kind != JV_UNSET) {
            if (!jv_order(r, &key, &best_key, is_max ? JO_GT : JO_LT, &cmp))
                return jv_none();
            if (is_max ? cmp <= 0 : cmp >= 0)
                continue;
        }
        best = x;
        best_key = key;
    }
    if (best.kind == JV_UNSET)
        return jv_undef_text(r, jv_lit("No aggregated item, sequence was empty."));
    return best;
}

static struct jval f_min(struct jrun *r, struct jval in, const struct jval *v)
{
    return extreme(r, in, v, false);
}

static struct jval f_max(struct jrun *r, struct jval in, const struct jval *v)
{
    return extreme(r, in, v, true);
}

/* The sort key of one item: a list with one part for each attribute named in "a,b.c". */
static struct jval sort_key(struct jrun *r, struct jval item, const struct jval *attr,
                            bool keep_case)
{
    struct jvec v = { 0 };
    size_t i = 0;

    if (attr->kind != JV_STR) {
        (void)jvec_add(r, &v, jfold_case(r, jattr_get(r, item, attr), keep_case));
        return jvec_list(r, &v);
    }
    while (i <= attr->len && !r->rc) {
        const char *comma = memchr(attr->u.s + i, ',', attr->len - i);
        size_t end = comma ? (size_t)(comma - attr->u.s) : attr->len;
        struct jval one = jv_strn(attr->u.s + i, end - i);

        (void)jvec_add(r, &v, jfold_case(r, jattr_get(r, item, &one), keep_case));
        i = end + 1;
    }
    return jvec_list(r, &v);
}

static struct jval f_sort(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval list = jv_to_list(r, in, JV_LIST), *at;
    struct jpair *pair;
    size_t n;

    if (r->rc)
        return jv_none();
    n = list.u.list->n;
    pair = jr_new(r, n, sizeof(*pair));
    at = jr_new(r, n, sizeof(*at));
    if (!pair || !at)
        return jv_none();
    for (size_t i = 0; i < n && !r->rc; i++) {
        pair[i].value = list.u.list->at[i];
        pair[i].key = sort_key(r, pair[i].value, &v[2], jv_truth(&v[1]));
    }
    jv_sort(r, pair, n, jv_truth(&v[0]));
    for (size_t i = 0; i < n; i++)
        at[i] = pair[i].value;
    return jv_list(r, at, n, JV_LIST);
}

static struct jval f_dictsort(struct jrun *r, struct jval in, const struct jval *v)
{
    bool by_value = jv_is(&v[1], "value");
    struct jpair *pair;
    struct jval *at;
    size_t n;

    if (v[1].kind != JV_UNSET && !by_value && !jv_is(&v[1], "key"))
        jr_fail(r, "You can only sort by either \"key\" or \"value\"");
    if (in.kind == JV_UNDEF)
        jr_fail_undef(r, in);
    else if (in.kind != JV_DICT)
        jr_fail(r, "'%s' object has no attribute 'items'", jv_type(&in));
    if (r->rc)
        return jv_none();
    n = in.u.dict->n;
    pair = jr_new(r, n, sizeof(*pair));
    at = jr_new(r, n, sizeof(*at));
    if (!pair || !at)
        return jv_none();
    for (size_t i = 0; i < n && !r->rc; i++) {
        const struct jpair *p = &in.u.dict->at[i];

        pair[i].key = jfold_case(r, by_value ? p->value : p->key, jv_truth(&v[0]));
        pair[i].value = jv_pair(r, p->key, p->value);
    }
    jv_sort(r, pair, n, jv_truth(&v[2]));
    for (size_t i = 0; i < n; i++)
        at[i] = pair[i].value;
    return jv_list(r, at, n, JV_LIST);
}

/* attribute, default, case_sensitive: the key of one item. */
static struct jval group_key(struct jrun *r, struct jval item, const struct jval *v, bool fold)
{
    struct jval key = jattr_get(r, item, &v[0]);

    if (key.kind == JV_UNDEF && v[1].kind != JV_UNSET && v[1].kind != JV_NONE)
        key = v[1];
    return jfold_case(r, key, !fold);
}

static struct jval group(struct jrun *r, struct jval key, struct jvec *items)
{
    struct jval v = jv_pair(r, key, jvec_list(r, items));

    v.flag = JF_GROUP;
    return v;
}

static struct jval f_groupby(struct jrun *r, struct jval in, const struct jval *v)
{
    struct jval list = jv_to_list(r, in, JV_LIST);
    bool fold = !jv_truth(&v[2]);
    struct jvec out = { 0 }, items = { 0 };
    struct jpair *pair;
    size_t n;

    if (r->rc)
        return jv_none();
    n = list.u.list->n;
    pair = jr_new(r, n, sizeof(*pair));
    for (size_t i = 0; pair && i < n && !r->rc; i++) {
        pair[i].value = list.u.list->at[i];
        pair[i].key = group_key(r, pair[i].value, v, fold);
    }
    if (pair)
        jv_sort(r, pair, n, false);
    for (size_t i = 0; i < n && !r->rc; i++) {
        (void)jvec_add(r, &items, pair[i].value);
        if (i + 1 < n && jv_eq(r, &pair[i].key, &pair[i + 1].key))
            continue;
        (void)jvec_add(r, &out, group(r, group_key(r, items.at[0], v, false), &items));
        items = (struct jvec){ 0 };
    }
    return jvec_list(r, &out);
}

static const struct jfilter_def filters[] = {
    { "dictsort", "case_sensitive by reverse", f_dictsort, NULL },
    { "first", "", f_first, NULL },
    { "groupby", "attribute! default case_sensitive", f_groupby, NULL },
    { "join", "d attribute", f_join, NULL },
    { "last", "", f_last, NULL },
    { "list", "", f_list, NULL },
    { "max", "case_sensitive attribute", f_max, NULL },
    { "min", "case_sensitive attribute", f_min, NULL },
    { "random", "", f_random, NULL },
    { "sort", "reverse case_sensitive attribute", f_sort, NULL },
    { "sum", "attribute start", f_sum, NULL },
};

const struct jfilter_def *jfilter_seq(size_t *n)
{
    *n = COUNT_OF(filters);
    return filters;
}
