/* Random JSON schemas: depth and odds are chosen so that most texts end soon. */
#include "schemas/gen_schema.h"

#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX 4U
#define N_KEY     6U

static const char *const keys[N_KEY] = { "name", "age", "tags", "é", "a b", "x-1" };

uint32_t gen_below(struct gen *g, uint32_t n)
{
    g->seed = g->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(g->seed >> 33) % n;
}

static bool chance(struct gen *g, uint32_t percent)
{
    return gen_below(g, 100) < percent;
}

static void put(struct gen *g, const char *s)
{
    (void)buf_adds(g->out, s);
}

static const char *pick(struct gen *g, const char *const *list, uint32_t n)
{
    return list[gen_below(g, n)];
}

static void schema(struct gen *g, uint32_t depth);

/* ---- one type each: members of an object that is already open ---- */

static void string_type(struct gen *g)
{
    static const char *const formats[] = { "date",  "time",     "date-time", "duration", "uuid",
                                           "email", "hostname", "ipv4",      "ipv6",     "uri" };
    static const char *const patterns[] = { "^[a-z]{2,5}$",   "^\\\\d{3}-\\\\d{4}$",
                                            "^(foo|bar)+x?$", "[aeiou]",
                                            "^.{1,4}$",       "^[A-ZÄ-Ü][a-zé]*$" };
    uint32_t min = gen_below(g, 4);

    put(g, "\"type\":\"string\"");
    if (chance(g, 25)) {
        (void)buf_addf(g->out, ",\"format\":\"%s\"", pick(g, formats, 10));
        return;
    }
    if (chance(g, 35))
        (void)buf_addf(g->out, ",\"pattern\":\"%s\"", pick(g, patterns, 6));
    if (chance(g, 40))
        (void)buf_addf(g->out, ",\"minLength\":%u", min);
    if (chance(g, 90))
        (void)buf_addf(g->out, ",\"maxLength\":%u", min + gen_below(g, 9));
}

static void number_type(struct gen *g)
{
    static const char *const low[] = { "-3", "0", "1", "-10.5", "0.25", "100", "-1000000" };
    static const char *const high[] = { "12", "99.75", "100", "1e3", "4.5", "2000000" };
    static const char *const multiples[] = { "2", "5", "0.5", "0.01", "7", "1500", "0.1" };
    bool whole = chance(g, 50);

    put(g, whole ? "\"type\":\"integer\"" : "\"type\":\"number\"");
    if (chance(g, 50))
        (void)buf_addf(g->out, ",\"%s\":%s", chance(g, 60) ? "minimum" : "exclusiveMinimum",
                       pick(g, low, 7));
    if (chance(g, 50))
        (void)buf_addf(g->out, ",\"%s\":%s", chance(g, 60) ? "maximum" : "exclusiveMaximum",
                       pick(g, high, 6));
    if (chance(g, 25))
        (void)buf_addf(g->out, ",\"multipleOf\":%s", pick(g, multiples, whole ? 6 : 7));
}

static void array_type(struct gen *g, uint32_t depth)
{
    uint32_t min = gen_below(g, 3);

    put(g, "\"type\":\"array\"");
    if (chance(g, 30)) {
        put(g, ",\"prefixItems\":[");
        schema(g, depth + 1);
        if (chance(g, 50)) {
            put(g, ",");
            schema(g, depth + 1);
        }
        put(g, "]");
    }
    if (chance(g, 80)) {
        put(g, ",\"items\":");
        if (chance(g, 15))
            put(g, "false");
        else
            schema(g, depth + 1);
    }
    if (chance(g, 50))
        (void)buf_addf(g->out, ",\"minItems\":%u", min);
    (void)buf_addf(g->out, ",\"maxItems\":%u", min + gen_below(g, 4));
    if (chance(g, 20))
        put(g, ",\"uniqueItems\":true");
    if (chance(g, 12)) {
        put(g, ",\"contains\":");
        schema(g, depth + 2);
        if (chance(g, 40))
            (void)buf_addf(g->out, ",\"minContains\":%u", gen_below(g, 3));
        if (chance(g, 40))
            (void)buf_addf(g->out, ",\"maxContains\":%u", 1 + gen_below(g, 3));
    }
}

static void object_rest(struct gen *g, uint32_t depth)
{
    if (chance(g, 60)) {
        put(g, ",\"additionalProperties\":");
        if (chance(g, 75))
            put(g, "false");
        else
            schema(g, depth + 2);
    }
    if (chance(g, 15)) {
        put(g, ",\"patternProperties\":{\"^x-\":");
        schema(g, depth + 2);
        put(g, "}");
    }
    if (chance(g, 10))
        put(g, ",\"propertyNames\":{\"maxLength\":8}");
    if (chance(g, 12))
        (void)buf_addf(g->out, ",\"minProperties\":%u", gen_below(g, 3));
    if (chance(g, 25))
        (void)buf_addf(g->out, ",\"maxProperties\":%u", 1 + gen_below(g, 5));
    if (chance(g, 12))
        put(g, ",\"dependentRequired\":{\"age\":[\"name\"]}");
    if (chance(g, 8)) {
        put(g, ",\"dependentSchemas\":{\"name\":{\"properties\":{\"age\":");
        schema(g, depth + 2);
        put(g, "}}}");
    }
}

static void object_type(struct gen *g, uint32_t depth)
{
    bool used[N_KEY] = { false }, first = true;

    put(g, "\"type\":\"object\",\"properties\":{");
    for (uint32_t i = 0; i < N_KEY; i++) {
        used[i] = chance(g, 45);
        if (!used[i])
            continue;
        (void)buf_addf(g->out, "%s\"%s\":", first ? "" : ",", keys[i]);
        first = false;
        schema(g, depth + 1);
    }
    put(g, "},\"required\":[");
    first = true;
    for (uint32_t i = 0; i < N_KEY; i++) {
        if (!used[i] || !chance(g, 60))
            continue;
        (void)buf_addf(g->out, "%s\"%s\"", first ? "" : ",", keys[i]);
        first = false;
    }
    put(g, "]");
    object_rest(g, depth);
}

/* ---- applicators ---- */

static void alternatives(struct gen *g, const char *name, uint32_t depth)
{
    uint32_t n = 2 + gen_below(g, 2);

    (void)buf_addf(g->out, "\"%s\":[", name);
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            put(g, ",");
        schema(g, depth + 1);
    }
    put(g, "]");
}

static void conjunction(struct gen *g, uint32_t depth)
{
    switch (gen_below(g, 3)) {
    case 0:
        put(g, "\"allOf\":[{");
        object_type(g, depth + 1);
        put(g, "},{\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":5}}}]");
        break;
    case 1:
        put(g, "\"allOf\":[{\"type\":\"integer\",\"minimum\":2},{\"type\":\"number\","
               "\"maximum\":50}]");
        break;
    default:
        put(g, "\"allOf\":[{\"type\":\"string\",\"pattern\":\"^[a-m]*$\"},{\"minLength\":2,"
               "\"maxLength\":6}]");
    }
}

static void negation(struct gen *g)
{
    static const char *const nots[] = {
        "\"type\":\"string\",\"maxLength\":6,\"not\":{\"enum\":[\"\",\"a\"]}",
        "\"type\":[\"integer\",\"string\"],\"maxLength\":4,\"not\":{\"type\":\"integer\"}",
        "\"type\":\"integer\",\"minimum\":0,\"maximum\":40,\"not\":{\"minimum\":10,"
        "\"maximum\":20}",
        "\"type\":\"string\",\"maxLength\":5,\"not\":{\"pattern\":\"^a\"}",
        "\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"boolean\"},\"b\":{\"type\":"
        "\"null\"}},\"additionalProperties\":false,\"not\":{\"required\":[\"a\",\"b\"]}",
        "\"type\":\"object\",\"maxProperties\":3,\"not\":{\"properties\":{\"a\":true},"
        "\"additionalProperties\":{\"type\":\"integer\"}}",
        "\"type\":\"object\",\"properties\":{\"xa\":{\"type\":[\"integer\",\"null\"]}},"
        "\"maxProperties\":3,\"not\":{\"patternProperties\":{\"^x\":{\"type\":\"integer\"}}}",
        "\"type\":\"object\",\"additionalProperties\":{\"type\":\"null\"},\"maxProperties\":3,"
        "\"not\":{\"propertyNames\":{\"pattern\":\"^[a-f]\"}}",
        "\"type\":\"array\",\"items\":{\"type\":[\"integer\",\"null\"]},\"maxItems\":4,\"not\":{"
        "\"prefixItems\":[true],\"items\":{\"type\":\"integer\"}}",
        "\"type\":\"string\",\"maxLength\":12,\"not\":{\"format\":\"date\"}",
    };

    put(g, pick(g, nots, 10));
}

static void condition(struct gen *g, uint32_t depth)
{
    put(g, "\"type\":\"object\",\"properties\":{\"kind\":{\"enum\":[\"a\",\"b\"]},\"v\":{\"type\":["
           "\"integer\",\"string\"],\"maxLength\":4}},\"required\":[\"kind\",\"v\"],"
           "\"additionalProperties\":false,\"if\":{\"properties\":{\"kind\":{\"const\":\"a\"}}},"
           "\"then\":{\"properties\":{\"v\":");
    schema(g, depth + 2);
    put(g, "}},\"else\":{\"properties\":{\"v\":{\"type\":\"integer\"}}}");
}

/* What other schemas leave unevaluated; `contains` is not among them, since the validator passes
 * that over, against the standard. */
static void left_over(struct gen *g, uint32_t depth)
{
    static const char *const rest[] = { "false", "{\"type\":\"null\"}", "{\"maximum\":5}" };

    if (chance(g, 25)) {
        put(g, "\"type\":\"array\",\"maxItems\":4,\"anyOf\":[{\"prefixItems\":[");
        schema(g, depth + 2);
        put(g, "]},{\"prefixItems\":[true,{\"type\":\"boolean\"}]}],\"unevaluatedItems\":");
    } else {
        put(g, "\"type\":\"object\",\"maxProperties\":4,\"properties\":{\"age\":{\"type\":"
               "\"integer\"}},\"allOf\":[{\"properties\":{\"name\":");
        schema(g, depth + 2);
        (void)buf_addf(g->out,
                       "}}],\"%s\":[{\"properties\":{\"tags\":{\"type\":\"boolean\"}},"
                       "\"required\":[\"tags\"]},{\"required\":[\"age\"],",
                       pick(g, (const char *const[]){ "anyOf", "oneOf" }, 2));
        put(g,
            chance(g, 50) ? "\"patternProperties\":{\"^x-\":true}}]," : "\"maxProperties\":3}],");
        put(g, "\"if\":{\"required\":[\"name\"]},\"then\":{\"properties\":{\"é\":true}},"
               "\"unevaluatedProperties\":");
    }
    put(g, pick(g, rest, 3));
}

static void values(struct gen *g)
{
    static const char *const lists[] = {
        "\"enum\":[\"red\",\"grün\",null,3,true]",
        "\"enum\":[[1,\"x\"],{\"a\":{\"b\":[]}},\"q\\\"\\\\\"]",
        "\"const\":{\"k\":[1,2.5,\"z\"]}",
        "\"const\":\"fixed\"",
        "\"type\":\"integer\",\"enum\":[1,\"a\",2.5,7]",
    };

    put(g, pick(g, lists, 5));
}

static void several_types(struct gen *g)
{
    static const char *const lists[] = {
        "\"type\":[\"string\",\"null\"],\"maxLength\":5",
        "\"type\":[\"boolean\",\"integer\"],\"minimum\":0,\"maximum\":9",
        "\"type\":[\"number\",\"array\"],\"maxItems\":2,\"items\":{\"type\":\"boolean\"}",
        "\"type\":\"boolean\"",
        "\"type\":\"null\"",
    };

    put(g, pick(g, lists, 5));
}

static void schema(struct gen *g, uint32_t depth)
{
    uint32_t kind = gen_below(g, depth >= DEPTH_MAX ? 8 : 17);

    put(g, "{");
    if (kind < 3)
        string_type(g);
    else if (kind < 5)
        number_type(g);
    else if (kind == 5)
        several_types(g);
    else if (kind == 6)
        values(g);
    else if (kind == 7)
        put(g, "\"$ref\":\"#/$defs/short\"");
    else if (kind < 11)
        object_type(g, depth);
    else if (kind == 11)
        array_type(g, depth);
    else if (kind == 12)
        alternatives(g, chance(g, 60) ? "anyOf" : "oneOf", depth);
    else if (kind == 13)
        conjunction(g, depth);
    else if (kind == 14)
        negation(g);
    else if (kind == 15)
        left_over(g, depth);
    else
        condition(g, depth);
    put(g, "}");
}

void gen_schema(struct gen *g)
{
    uint32_t kind = gen_below(g, 10);

    buf_clear(g->out);
    put(g, "{\"$defs\":{\"short\":{\"type\":\"string\",\"maxLength\":4},\"tree\":{\"type\":"
           "\"object\",\"properties\":{\"v\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":9},"
           "\"kids\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/tree\"},\"maxItems\":2}},"
           "\"required\":[\"v\"],\"additionalProperties\":false}},");
    if (kind == 0) {
        put(g, "\"$ref\":\"#/$defs/tree\"");
    } else if (kind == 1) {
        array_type(g, 0);
    } else if (kind == 2) {
        alternatives(g, chance(g, 50) ? "anyOf" : "oneOf", 0);
    } else if (kind == 3) {
        condition(g, 0);
    } else if (kind == 4) {
        left_over(g, 0);
    } else {
        object_type(g, 0);
    }
    put(g, "}");
}
