/* Proves: keywords that look at what other keywords say, complements, references within a document
 * and formats accept what is valid and nothing else. Schemas and texts are written with ' for ". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/grammar.h"

#define TEXTS_MAX 6U

struct verdicts {
    const char *schema, *good[TEXTS_MAX], *bad[TEXTS_MAX];
};

/* ' becomes ". */
static void quote(struct buf *out, const char *s)
{
    buf_clear(out);
    for (; *s; s++)
        (void)buf_add(out, *s == '\'' ? "\"" : s, 1);
}

static enum err_code compile(struct grammar **g, const char *schema, enum schema_mode mode,
                             struct grammar_place *place, struct err *e)
{
    struct js *v = NULL;
    struct buf text;
    enum err_code rc;

    buf_init(&text, MEM_OTHER, 1U << 20);
    quote(&text, schema);
    assert_int_equal(js_parse(&v, buf_str(&text), text.len, NULL), ERR_OK);
    rc = grammar_of_schema_as(g, v, mode, NULL, NULL, place, e);
    js_close(v);
    buf_finish(&text);
    return rc;
}

static bool accepts(const struct grammar *g, const char *text)
{
    struct gmatch *m;
    struct buf quoted;
    uint32_t at;
    bool ok;

    buf_init(&quoted, MEM_OTHER, 1U << 20);
    quote(&quoted, text);
    assert_int_equal(gmatch_open(&m, g, true, (size_t)64 << 20, NULL), ERR_OK);
    at = gmatch_start(m);
    for (size_t i = 0; i < quoted.len && at; i++)
        assert_int_equal(gmatch_byte(m, &at, (uint8_t)buf_str(&quoted)[i], NULL), ERR_OK);
    ok = at && gmatch_may_end(m, at);
    gmatch_close(m);
    buf_finish(&quoted);
    return ok;
}

static void decide(const struct verdicts *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct grammar *g = NULL;
        struct grammar_place place;
        struct err e = { 0 };

        if (compile(&g, list[i].schema, SCHEMA_PLAIN, &place, &e))
            fail_msg("%s: %s at %s", list[i].schema, e.text, place.pointer);
        for (unsigned k = 0; k < TEXTS_MAX; k++) {
            if (list[i].good[k] && !accepts(g, list[i].good[k]))
                fail_msg("%s: %s is refused", list[i].schema, list[i].good[k]);
            if (list[i].bad[k] && accepts(g, list[i].bad[k]))
                fail_msg("%s: %s is accepted", list[i].schema, list[i].bad[k]);
        }
        grammar_close(g);
    }
}

#define DECIDE(list) decide(list, sizeof(list) / sizeof(list[0]))

/* What alternatives, references, conditions and dependencies evaluate is evaluated, and only where
 * they hold; `not` evaluates nothing. */
static void unevaluated_is_what_is_left(void **state)
{
    static const struct verdicts cases[] = {
        { "{'type':'object','properties':{'a':true},'allOf':[{'properties':{'b':{'type':'null'}}}],"
          "'unevaluatedProperties':false}",
          { "{}", "{'a':1,'b':null}" },
          { "{'c':1}", "{'b':1}", "{'a':1,'c':1}" } },
        { "{'type':'object','anyOf':[{'properties':{'a':{'const':1}},'required':['a']},"
          "{'properties':{'b':{'const':2}},'required':['b']}],'unevaluatedProperties':false}",
          { "{'a':1}", "{'b':2}", "{'a':1,'b':2}" },
          { "{'a':1,'b':3}", "{}", "{'a':1,'c':0}" } },
        { "{'type':'object','$ref':'#/$defs/x','unevaluatedProperties':{'type':'integer'},"
          "'$defs':{'x':{'properties':{'a':{'type':'string'}}}}}",
          { "{'a':'t','z':4}", "{'z':4}" },
          { "{'z':'t'}", "{'a':4}" } },
        { "{'type':'object','$dynamicRef':'#x','unevaluatedProperties':false,'$defs':{'x':{"
          "'$dynamicAnchor':'x','properties':{'a':true}}}}",
          { "{'a':1}", "{}" },
          { "{'b':1}" } },
        { "{'type':'object','if':{'properties':{'k':{'const':1}},'required':['k']},"
          "'then':{'properties':{'a':true}},'else':{'properties':{'b':true}},"
          "'unevaluatedProperties':false}",
          { "{'k':1,'a':0}", "{'b':0}", "{}" },
          { "{'k':1,'b':0}", "{'k':2,'b':0}", "{'a':0}" } },
        { "{'type':'object','properties':{'a':true},'dependentSchemas':{'a':{'properties':"
          "{'b':true}}},'unevaluatedProperties':false}",
          { "{'a':1,'b':1}", "{'a':1}", "{}" },
          { "{'b':1}", "{'c':1}" } },
        { "{'type':'object','not':{'not':{'properties':{'a':true},'required':['a']}},"
          "'properties':{'b':true},'unevaluatedProperties':{'const':7}}",
          { "{'b':0,'a':7}" },
          { "{'b':0,'a':1}", "{'b':0}" } },
        { "{'allOf':[{'patternProperties':{'^x':true}}],'type':'object',"
          "'unevaluatedProperties':false}",
          { "{'xy':1}", "{}" },
          { "{'y':1}" } },
        { "{'type':'object','allOf':[{'unevaluatedProperties':true}],"
          "'unevaluatedProperties':false}",
          { "{'y':1}", "{}" },
          { "[]" } },
        { "{'type':'object','properties':{'a':{'type':'object','properties':{'b':true}}},"
          "'allOf':[true],'unevaluatedProperties':false}",
          { "{'a':{'c':1}}" }, /* its parts are no properties of the object */
          { "{'b':1}" } },
        { "{'type':'array','allOf':[{'prefixItems':[{'const':1}]}],'unevaluatedItems':false}",
          { "[]", "[1]" },
          { "[1,2]", "[2]" } },
        { "{'type':'array','contains':{'type':'string'},'unevaluatedItems':{'type':'integer'}}",
          { "['a']", "[1,'a',2]" },
          { "[1]", "['a',null]" } },
        { "{'enum':[{'a':1},{'a':1,'b':2},{'b':2},[1],[1,2]],'anyOf':[{'properties':{'a':true}}],"
          "'allOf':[{'prefixItems':[true]}],'unevaluatedProperties':false,'unevaluatedItems':"
          "false}",
          { "{'a':1}", "[1]" },
          { "{'a':1,'b':2}", "{'b':2}", "[1,2]" } },
    };

    (void)state;
    DECIDE(cases);
}

/* The complements of keywords about members, items, names and formats. */
static void complements_are_exact(void **state)
{
    static const struct verdicts cases[] = {
        { "{'type':'object','not':{'properties':{'a':true},'additionalProperties':false}}",
          { "{'b':1}", "{'a':1,'b':1}" },
          { "{}", "{'a':1}", "{'b':1,'b':1}" } },
        { "{'type':'object','properties':{'b':true,'c':true},'additionalProperties':false,"
          "'not':{'properties':{'b':true},'additionalProperties':{'type':'string'}}}",
          { "{'c':1}", "{'b':1,'c':1}" },
          { "{'b':1}", "{'c':'t'}", "{}" } },
        { "{'type':'object','not':{'patternProperties':{'^x':{'type':'integer'}}}}",
          { "{'x':'t'}", "{'y':1,'xx':null}" },
          { "{'x':1}", "{'y':'t'}", "{}", "{'x':'t','x':1}" } },
        { "{'type':'object','not':{'propertyNames':{'maxLength':2}}}",
          { "{'abc':1}", "{'a':1,'abc':1}" },
          { "{'ab':1}", "{}" } },
        { "{'type':'array','not':{'prefixItems':[{'type':'integer'}],'items':{'type':'string'}}}",
          { "['a']", "[1,2]", "[1,'a',2]" },
          { "[1,'a']", "[]", "[1]" } },
        { "{'type':'string','not':{'format':'email'}}", { "'abc'" }, { "'a@b.de'" } },
        { "{'oneOf':[{'type':'string','format':'date'},{'type':'string','format':'date-time'},"
          "{'type':'string','format':'uuid'}]}",
          { "'2024-02-29'", "'2024-02-29T00:00:00Z'" },
          { "'2023-02-29'", "''" } },
        { "{'oneOf':[{'type':'object','properties':{'a':{'type':'string'}},"
          "'additionalProperties':false},{'type':'object','properties':{'b':{'type':'string'}},"
          "'additionalProperties':false}]}",
          { "{'a':'t'}", "{'b':'t'}" },
          { "{}", "{'a':'t','b':'t'}", "{'c':1}" } },
        { "{'type':'object','not':{'anyOf':[{'additionalProperties':{'type':'integer'}},"
          "{'additionalProperties':{'type':'string'}}]}}",
          { "{'a':1,'b':'t'}", "{'a':null}" },
          { "{'a':1}", "{'a':'t'}", "{}" } },
    };

    (void)state;
    DECIDE(cases);
}

/* Alternatives of a oneOf that do not exclude each other by themselves may be many. */
static void many_alternatives_exclude_each_other(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct verdicts v = { NULL, { "{'p3':'t'}", "{'p39':'t'}" }, { "{}", "{'p3':1}" } };
        struct buf text;

        buf_init(&text, MEM_OTHER, 1U << 20);
        (void)buf_adds(&text, "{'type':'object','oneOf':[");
        for (unsigned i = 0; i < 40; i++) {
            (void)buf_addf(&text, "%s{'properties':{'p%u':{'type':'string'}},", i ? "," : "", i);
            if (k)
                (void)buf_addf(&text, "'required':['p%u']}", i);
            else
                (void)buf_adds(&text, "'additionalProperties':false}");
        }
        (void)buf_adds(&text, "]}");
        v.schema = buf_str(&text);
        v.bad[2] = "{'p3':'t','p4':'t'}";
        decide(&v, 1);
        buf_finish(&text);
    }
}

/* Several `contains` at one place each have their own count. */
static void contains_are_counted_apart(void **state)
{
    static const struct verdicts cases[] = {
        { "{'type':'array','allOf':[{'contains':{'const':1}},{'contains':{'const':2}}]}",
          { "[1,2]", "[2,0,1]" },
          { "[1]", "[2,2]", "[]" } },
        { "{'type':'array','maxItems':4,'allOf':[{'contains':{'type':'integer'},'maxContains':1},"
          "{'contains':{'type':['integer','null']},'minContains':2,'maxContains':2}]}",
          { "[1,null]", "[null,'a',1]" },
          { "[1,1]", "[null,null]", "[1,null,null]", "[1]" } },
        { "{'type':'array','contains':{'const':1},'not':{'prefixItems':[true],'items':"
          "{'minimum':0}}}",
          { "[1,-1]", "[0,1,-1]" },
          { "[-1,1]", "[1]" } },
    };

    (void)state;
    DECIDE(cases);
}

/* Distinct items of different kinds follow each other; where few values might be used up before,
 * that is an error at once and no array that cannot go on. */
static void distinct_items_have_places(void **state)
{
    static const struct verdicts cases[] = {
        { "{'type':'array','uniqueItems':true,'prefixItems':[{'const':'foo'},{'const':'bar'}],"
          "'minItems':2,'maxItems':2}",
          { "['foo','bar']" },
          { "['foo']", "['foo','foo']" } },
        { "{'type':'array','uniqueItems':true,'prefixItems':[{'type':'boolean'},{'type':'boolean'}]"
          ","
          "'items':{'type':'null'}}",
          { "[true,false,null]", "[true,false]", "[]" },
          { "[true,true]", "[true,false,null,null]" } },
        { "{'type':'array','uniqueItems':true,'contains':{'const':1},'items':{'type':'integer'}}",
          { "[1]", "[2,1]", "[2,3,1,4]" },
          { "[2]", "[1,1]" } },
        { "{'type':'array','uniqueItems':true,'prefixItems':[{'enum':['a',1]}],'items':{'enum':"
          "['b','c']},'minItems':3}",
          { "['a','b','c']", "[1,'c','b']" },
          { "['a','b']", "['a','b','b']" } },
        { "{'type':'object','minProperties':2,'propertyNames':{'enum':['a','b','c']}}",
          { "{'a':1,'c':1}", "{'a':1,'b':1,'c':1}" },
          { "{'a':1}", "{'a':1,'d':1}", "{'a':1,'a':1}" } },
    };
    struct grammar *g = NULL;
    struct grammar_place place;
    struct err e = { 0 };

    (void)state;
    DECIDE(cases);
    assert_int_equal(compile(&g,
                             "{'type':'array','uniqueItems':true,'minItems':2,'prefixItems':["
                             "{'const':1},{'const':1}]}",
                             SCHEMA_PLAIN, &place, &e),
                     ERR_ARG);
    assert_int_equal(compile(&g,
                             "{'type':'array','uniqueItems':true,'minItems':2,'prefixItems':["
                             "{'enum':[1,2]},{'const':1}]}",
                             SCHEMA_PLAIN, &place, &e),
                     ERR_UNSUPPORTED);
}

/* References are resolved against $id, through anchors and through pointers that cross both. */
static void references_stay_in_the_document(void **state)
{
    static const struct verdicts cases[] = {
        { "{'$id':'http://x.org/tree','type':'object','properties':{'kids':{'type':'array','items':"
          "{'$ref':'node'}}},'required':['kids'],'$defs':{'node':{'$id':'node','type':'object',"
          "'properties':{'v':{'type':'integer'},'sub':{'$ref':'tree'}},'required':['v']}}}",
          { "{'kids':[]}", "{'kids':[{'v':1,'sub':{'kids':[]}}]}" },
          { "{'kids':[{}]}", "{'kids':[{'v':1,'sub':{}}]}" } },
        { "{'$id':'http://x.org/a/b/c.json','$ref':'../d/./e.json#/$defs/k','$defs':{'q':{'$id':"
          "'/a/d/e.json','$defs':{'k':{'$ref':'#/$defs/l'},'l':{'type':'null'}}},"
          "'l':{'type':'string'}}}",
          { "null" },
          { "'t'" } },
        { "{'$ref':'#/$defs/A/$defs/k','$defs':{'A':{'$id':'http://x.org/a','$defs':{'k':{'$ref':"
          "'#/$defs/l'},'l':{'type':'null'}}},'l':{'type':'string'}}}",
          { "null" },
          { "'t'" } },
        { "{'anyOf':[{'$ref':'#name'},{'$ref':'urn:x:y#name'}],'$defs':{'w':{'enum':[{'$anchor':"
          "'name','type':'null'}]},'a':{'$anchor':'name','type':'string'},'b':{'$id':'urn:x:y',"
          "'$defs':{'c':{'$anchor':'name','type':'integer'}}}}}",
          { "'t'", "3" },
          { "null" } },
        { "{'$ref':'#name','definitions':{'a':{'$id':'#name','type':'string'}}}",
          { "'t'" },
          { "1" } },
        { "{'type':'array','items':{'$dynamicRef':'#t'},'$defs':{'a':{'$dynamicAnchor':'t',"
          "'type':'string'}}}",
          { "['t']" },
          { "[1]" } },
        { "{'$schema':'https://json-schema.org/draft/2019-09/schema','type':'object','properties':"
          "{'a':{'$recursiveRef':'#'}},'additionalProperties':false}",
          { "{'a':{'a':{}}}" },
          { "{'a':1}" } },
        { "{'$schema':'http://json-schema.org/draft-07/schema#','$id':'http://x.org/a/',"
          "'allOf':[{'$id':'http://x.org/','$ref':'b'}],'definitions':{'p':{'$id':'b','type':"
          "'null'},'q':{'$id':'http://x.org/b','type':'string'}}}",
          { "null" },
          { "'t'" } },
    };

    (void)state;
    DECIDE(cases);
}

/* Formats of numbers are ranges; those of texts hold; notes to programs say nothing. */
static void formats_hold(void **state)
{
    static const struct verdicts cases[] = {
        { "{'type':'integer','format':'int32'}",
          { "2147483647", "-2147483648" },
          { "2147483648", "-2147483649" } },
        { "{'type':'number','format':'uint8'}", { "0", "255" }, { "256", "-1", "1.5" } },
        { "{'type':'integer','format':'int64'}", { "9007199254740991" }, { "1.5" } },
        { "{'format':'uint8'}", { "'text'", "7" }, { "700" } },
        { "{'type':'string','format':'uuid4'}",
          { "'9c858901-8a57-4791-81fe-4c455b099bc9'" },
          { "'9c858901-8a57-1791-81fe-4c455b099bc9'" } },
        { "{'type':'string','format':'byte'}", { "'aGk='", "''" }, { "'aGk'", "'%'" } },
        { "{'type':'string','format':'uri-reference'}",
          { "'http://xn--a.de/b?c#d'", "'//a.de/b'", "'../b'", "'#x'" },
          { "'a b'", "'http://a.de/%zz'" } },
        { "{'type':'string','format':'uri-template'}",
          { "'http://a.de/{x:3}/{?y,z*}'" },
          { "'{x'", "'{}'" } },
        { "{'type':'string','format':'regex'}",
          { "'^([abc])+\\\\s+$'", "'a.b'" },
          { "'(a'", "'*'", "'[a'" } },
        { "{'type':'string','format':'cidrv4'}", { "'10.0.0.0/8'" }, { "'10.0.0.0/33'" } },
        { "{'type':'string','format':'binary','maxLength':2}", { "'%'" }, { "'abc'" } },
    };

    (void)state;
    DECIDE(cases);
}

/* A long bound on a text that needs many states leaves longer texts out, and is no error. */
static void long_texts_have_states(void **state)
{
    static const struct verdicts cases[] = {
        { "{'type':'string','format':'uri','minLength':1,'maxLength':2083}",
          { "'https://example.org/a/b?c=d'" },
          { "'no'" } },
        { "{'type':'string','pattern':'^[a-z]{150}b*$','maxLength':5000,'format':'hostname'}",
          { NULL },
          { "'b'" } },
    };
    static const struct verdicts empty[] = {
        { "{'anyOf':[{'type':'null'},{'type':'string','format':'uri','pattern':'^a:b{300}$',"
          "'maxLength':200}]}",
          { "null" },
          { "'a:b'" } },
    };

    (void)state;
    decide(cases, 1);
    DECIDE(empty);
}

/* Schemas that say the same are compiled once: together these would be too large. Alternatives that
 * are the same one exclude each other all the same. */
static void equal_schemas_are_one(void **state)
{
    static const struct verdicts cases[] = {
        { "{'type':'object','additionalProperties':false,'properties':{'a':{'oneOf':[{'type':"
          "'string'},{'type':'string'},{'type':'null'}]},'b':{'type':'array','items':{'type':"
          "'string','maxLength':1}},'c':{'type':'array','items':{'type':'string','maxLength':2}}}}",
          { "{'a':null,'b':['x'],'c':['xy']}" },
          { "{'a':'t'}", "{'b':['xy']}", "{'c':['xyz']}" } },
    };
    struct grammar *g = NULL;
    struct grammar_place place;
    struct buf text;
    struct err e = { 0 };

    (void)state;
    DECIDE(cases);
    buf_init(&text, MEM_OTHER, 1U << 20);
    (void)buf_adds(&text, "{'type':'object','properties':{");
    for (unsigned i = 0; i < 60; i++)
        (void)buf_addf(&text,
                       "%s'p%u':{'anyOf':[{'type':'string','format':'uri','title':'%u',"
                       "'maxLength':2083},{'type':'null'}]}",
                       i ? "," : "", i, i);
    (void)buf_adds(&text, "}}");
    if (compile(&g, buf_str(&text), SCHEMA_PLAIN, &place, &e))
        fail_msg("%s at %s", e.text, place.pointer);
    grammar_close(g);
    buf_finish(&text);
}

/* Refusals of these keywords, and notes that even a strict reading takes. */
static void refusals_are_typed(void **state)
{
    static const struct {
        const char *schema, *pointer;
        enum schema_mode mode;
        enum err_code rc;
    } cases[] = {
        { "{'not':{'anyOf':[{}],'unevaluatedProperties':false}}", "/not", SCHEMA_PLAIN,
          ERR_UNSUPPORTED },
        { "{'$ref':'b.json','$id':'http://x.org/a.json'}", "/$ref", SCHEMA_PLAIN, ERR_UNSUPPORTED },
        { "{'$ref':'#a','$defs':{'x':{'const':{'$anchor':'a'}}}}", "/$ref", SCHEMA_PLAIN,
          ERR_FORMAT },
        { "{'$dynamicRef':'#a','$defs':{'x':{'$dynamicAnchor':'a'},'y':{'$id':'http://x.org/y',"
          "'$dynamicAnchor':'a'}}}",
          "/$dynamicRef", SCHEMA_PLAIN, ERR_UNSUPPORTED },
        { "{'properties':{'a':{'type':'array','allOf':[{'contains':{'minimum':1}},{'contains':"
          "{'minimum':2}},{'contains':{'minimum':3}},{'contains':{'minimum':4}},{'contains':"
          "{'minimum':5}},{'contains':{'minimum':6}}]}}}",
          "/properties/a/allOf/5", SCHEMA_PLAIN, ERR_LIMIT },
        { "{'properties':{'a':{'type':'string','pattern':'^(a|b)*a(a|b){17}$'}}}", "/properties/a",
          SCHEMA_PLAIN, ERR_LIMIT },
        { "{'oneOf':[{'type':'object','properties':{'t':{'const':'a','example':'a'}},'xml':{},"
          "'required':['t']}],'discriminator':{'propertyName':'t'},'x-order':1,'nullable':true}",
          "", SCHEMA_STRICT, ERR_OK },
        { "{'type':'integer','minimun':3}", "/minimun", SCHEMA_STRICT, ERR_UNSUPPORTED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct grammar *g = NULL;
        struct grammar_place place = { { 0 } };
        struct err e = { 0 };
        enum err_code rc = compile(&g, cases[i].schema, cases[i].mode, &place, &e);

        if (rc != cases[i].rc || strcmp(place.pointer, cases[i].pointer) != 0)
            fail_msg("%s: %s at %s", cases[i].schema, e.text, place.pointer);
        grammar_close(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unevaluated_is_what_is_left),
        cmocka_unit_test(complements_are_exact),
        cmocka_unit_test(many_alternatives_exclude_each_other),
        cmocka_unit_test(contains_are_counted_apart),
        cmocka_unit_test(distinct_items_have_places),
        cmocka_unit_test(references_stay_in_the_document),
        cmocka_unit_test(formats_hold),
        cmocka_unit_test(long_texts_have_states),
        cmocka_unit_test(equal_schemas_are_one),
        cmocka_unit_test(refusals_are_typed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
