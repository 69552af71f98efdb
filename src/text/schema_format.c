/* Formats: as regular expressions over strings, or as bounds of numbers.
 *
 * `holds` describes a subset of a format: everything it matches is valid. `may_hold` describes a
 * superset: what it does not match is surely not of the format, which is what `not` needs. */
#include <string.h>

#include "text/schema_int.h"

#define RX_YEAR "([1-9]\\d{3}|0[1-9]\\d\\d|00[1-9]\\d|000[1-9])"
#define RX_LEAP "(\\d\\d(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
#define RX_DATE                                                                                    \
    "(" RX_YEAR "-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|"       \
    "02-(0[1-9]|1\\d|2[0-8]))|" RX_LEAP "-02-29)"
#define RX_HOUR  "([01]\\d|2[0-3])"
#define RX_TIME  RX_HOUR ":[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]" RX_HOUR ":[0-5]\\d)"
#define RX_HEX4  "[0-9a-fA-F]{1,4}"
#define RX_BYTE  "(\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])"
#define RX_IPV4  RX_BYTE "(\\." RX_BYTE "){3}"
#define RX_LABEL "[a-zA-Z0-9]([a-zA-Z0-9]|-[a-zA-Z0-9]){0,28}"
#define RX_HOST  RX_LABEL "(\\." RX_LABEL "){0,3}"
#define RX_MAIL  RX_LABEL "(\\." RX_LABEL "){1,3}" /* many validators want a dot */
#define RX_LOCAL "[a-zA-Z0-9_%+~-]{1,32}(\\.[a-zA-Z0-9_%+~-]{1,15}){0,2}"
#define RX_PCT   "%[0-9a-fA-F]{2}"
#define RX_PATH  "([a-zA-Z0-9._~!$&'()*+,;=:@/-]|" RX_PCT ")*"
#define RX_TAIL                                                                                    \
    "(\\?([a-zA-Z0-9._~!$&'()*+,;=:@/?-]|" RX_PCT ")*)?"                                           \
    "(#([a-zA-Z0-9._~!$&'()*+,;=:@/?-]|" RX_PCT ")*)?"
#define RX_SEG    "([a-zA-Z0-9._~!$&'()*+,;=:@-]|" RX_PCT ")+"
#define RX_NAME   "[a-zA-Z0-9]+(-+[a-zA-Z0-9]+)*"
#define RX_REMOTE "//" RX_NAME "(\\." RX_NAME "){0,3}(:\\d{1,5})?(/" RX_PATH ")?"
#define RX_URI                                                                                     \
    "[a-zA-Z][a-zA-Z0-9+.-]*:(" RX_REMOTE "|/|/?[a-zA-Z0-9._~+!$&*,;=@-]" RX_PATH ")" RX_TAIL
#define RX_URI_REF "(" RX_URI "|(" RX_REMOTE "|/|/?[a-zA-Z0-9._~-]+(/" RX_SEG ")*/?)?" RX_TAIL ")"
#define RX_IPV6                                                                                    \
    "((" RX_HEX4 ":){7}" RX_HEX4 "|(" RX_HEX4 ":){1,7}:|(" RX_HEX4 ":){1,6}:" RX_HEX4 "|(" RX_HEX4 \
    ":){1,5}(:" RX_HEX4 "){1,2}|(" RX_HEX4 ":){1,4}(:" RX_HEX4 "){1,3}|(" RX_HEX4                  \
    ":){1,3}(:" RX_HEX4 "){1,4}|(" RX_HEX4 ":){1,2}(:" RX_HEX4 "){1,5}|" RX_HEX4 ":(:" RX_HEX4     \
    "){1,6}|:((:" RX_HEX4 "){1,7}|:)|::ffff:" RX_IPV4 ")"
#define RX_LEN4     "(\\d|[12]\\d|3[0-2])"
#define RX_LEN6     "(\\d|[1-9]\\d|1[01]\\d|12[0-8])"
#define RX_H(n)     "[0-9a-fA-F]{" n "}"
#define RX_UUID     RX_H("8") "-" RX_H("4") "-" RX_H("4") "-" RX_H("4") "-" RX_H("12")
#define RX_UUIDV(v) RX_H("8") "-" RX_H("4") "-" v RX_H("3") "-[89abAB]" RX_H("3") "-" RX_H("12")
#define RX_POINT    "(/([^~/]|~[01])*)*"
#define RX_VAR      "[a-zA-Z0-9_]+(:[1-9]\\d{0,3}|\\*)?"
#define RX_B64      "[A-Za-z0-9+/]"
#define RX_B64URL   "[A-Za-z0-9_-]"
/* A piece of a regular expression, parentheses one deep. */
#define RX_PIECE                                                                                   \
    "([a-zA-Z0-9 _@:,;/%&=!~.-]|\\\\[dDwWsS.*+?()\\[\\]{}|^$\\\\/]|"                               \
    "\\[\\^?([a-zA-Z0-9_ ]|a-z|A-Z|0-9)+\\])[*+?]?"

#define RX_ANY_UUID "^(.{9})?[0-9a-fA-F{}-]{32,38}$"

/* Both NULL: a note to programs, no claim about texts. */
static const struct format {
    const char *name, *holds, *may_hold;
} formats[] = {
    { "date", "^" RX_DATE "$", "^\\d{4}[0-9W-]{3,6}$" },
    { "time", "^" RX_TIME "$", "^\\d\\d:" },
    { "date-time", "^" RX_DATE "T" RX_TIME "$", "^\\d{4}-?\\d\\d-?\\d\\d[Tt\\s_]" },
    { "duration",
      "^P(\\d{1,9}W|(\\d{1,9}Y(\\d{1,9}M(\\d{1,9}D)?)?|\\d{1,9}M(\\d{1,9}D)?|\\d{1,9}D)"
      "(T(\\d{1,9}H(\\d{1,9}M(\\d{1,9}S)?)?|\\d{1,9}M(\\d{1,9}S)?|\\d{1,9}S))?|"
      "T(\\d{1,9}H(\\d{1,9}M(\\d{1,9}S)?)?|\\d{1,9}M(\\d{1,9}S)?|\\d{1,9}S))$",
      "^[+-]?P" },
    { "uuid", "^" RX_UUID "$", RX_ANY_UUID },
    { "uuid1", "^" RX_UUIDV("1") "$", RX_ANY_UUID },
    { "uuid3", "^" RX_UUIDV("3") "$", RX_ANY_UUID },
    { "uuid4", "^" RX_UUIDV("4") "$", RX_ANY_UUID },
    { "uuid5", "^" RX_UUIDV("5") "$", RX_ANY_UUID },
    { "uuid6", "^" RX_UUIDV("6") "$", RX_ANY_UUID },
    { "uuid7", "^" RX_UUIDV("7") "$", RX_ANY_UUID },
    { "uuid8", "^" RX_UUIDV("8") "$", RX_ANY_UUID },
    { "email", "^" RX_LOCAL "@" RX_MAIL "$", "@" },
    { "idn-email", "^" RX_LOCAL "@" RX_MAIL "$", "@" },
    { "name-email", "^" RX_LOCAL "@" RX_MAIL "$", "@" },
    { "hostname", "^" RX_HOST "$", "^[a-zA-Z0-9._-]+$" },
    { "idn-hostname", "^" RX_HOST "$", "^[^ ]+$" },
    { "ipv4", "^" RX_IPV4 "$", "^[0-9a-fA-FxX.]+$" },
    { "ipv6", "^" RX_IPV6 "$", ":" },
    { "cidrv4", "^" RX_IPV4 "/" RX_LEN4 "$", "/" },
    { "cidrv6", "^" RX_IPV6 "/" RX_LEN6 "$", "/" },
    { "ipvanyaddress", "^(" RX_IPV4 "|" RX_IPV6 ")$", "[.:]" },
    { "ipv4interface", "^" RX_IPV4 "/" RX_LEN4 "$", "\\." },
    { "ipv6interface", "^" RX_IPV6 "/" RX_LEN6 "$", ":" },
    { "ipvanyinterface", "^(" RX_IPV4 "/" RX_LEN4 "|" RX_IPV6 "/" RX_LEN6 ")$", "[.:]" },
    { "ipv4network", "^" RX_IPV4 "/32$", "\\." }, /* no bits behind the prefix */
    { "ipv6network", "^" RX_IPV6 "/128$", ":" },
    { "ipvanynetwork", "^(" RX_IPV4 "/32|" RX_IPV6 "/128)$", "[.:]" },
    { "uri", "^" RX_URI "$", ":" },
    { "iri", "^" RX_URI "$", ":" },
    { "url", "^https?://" RX_MAIL "(:\\d{2,5})?(/" RX_PATH ")?" RX_TAIL "$", ":" },
    { "multi-host-uri", "^" RX_URI "$", ":" },
    { "uri-reference", "^" RX_URI_REF "$", "^[^ ]*$" },
    { "iri-reference", "^" RX_URI_REF "$", "^[^ ]*$" },
    { "uri-template",
      "^([a-zA-Z0-9._~:/?#@!$&()*+,;=-]|" RX_PCT "|\\{[+#./;?&]?" RX_VAR "(," RX_VAR ")*\\})*$",
      "^[^ ]*$" },
    { "json-pointer", "^" RX_POINT "$", "^(/[\\s\\S]*)?$" },
    { "relative-json-pointer", "^(0|[1-9]\\d{0,8})(#|" RX_POINT ")$", "^\\d" },
    { "regex", "^\\^?(" RX_PIECE "|\\((" RX_PIECE ")+\\)[*+?]?)*\\$?$", "^([^*+?)]|$)" },
    { "byte", "^(" RX_B64 "{4})*(" RX_B64 "{2}==|" RX_B64 "{3}=)?$", "^[A-Za-z0-9+/=\\s]*$" },
    { "base64", "^(" RX_B64 "{4})*(" RX_B64 "{2}==|" RX_B64 "{3}=)?$", "^[A-Za-z0-9+/=\\s]*$" },
    { "base64url", "^(" RX_B64URL "{4})*" RX_B64URL "{2,3}$", "^[A-Za-z0-9_=\\s-]*$" },
    { "e164", "^\\+[1-9]\\d{6,14}$", "^\\+" },
    { "binary", NULL, NULL },
    { "color", "^#[0-9a-fA-F]{6}$", "" },
    { "cuid", NULL, NULL }, /* whoever writes these says what they are in `pattern` */
    { "cuid2", NULL, NULL },
    { "directory-path", NULL, NULL },
    { "double", NULL, NULL },
    { "emoji", NULL, NULL },
    { "file-path", NULL, NULL },
    { "float", NULL, NULL },
    { "html", NULL, NULL },
    { "json-string", NULL, NULL },
    { "jwt", NULL, NULL },
    { "ksuid", NULL, NULL },
    { "markdown", NULL, NULL },
    { "nanoid", NULL, NULL },
    { "password", NULL, NULL },
    { "path", NULL, NULL },
    { "phone", NULL, NULL },
    { "textarea", NULL, NULL },
    { "ulid", NULL, NULL },
    { "xid", NULL, NULL },
};

/* Numbers without a fraction between these of c->bound; -1: no bound. */
static const char bounds[] = "[0,-128,127,255,-32768,32767,65535,-2147483648,2147483647,4294967295,"
                             "-9223372036854775808,9223372036854775807]";
static const struct width {
    const char *name;
    int min, max;
} widths[] = {
    { "int8", 1, 2 },    { "int16", 4, 5 }, { "int32", 7, 8 },  { "int64", 10, 11 },
    { "int", -1, -1 },   { "uint8", 0, 3 }, { "uint16", 0, 6 }, { "uint32", 0, 9 },
    { "uint64", 0, -1 }, { "uint", 0, -1 },
};

static bool is(const char *name, struct skey k)
{
    return strlen(name) == k.len && memcmp(name, k.s, k.len) == 0;
}

static void add_width(struct sctx *c, struct sch *s, const struct width *w)
{
    struct sch *k = sc_sch(c, s->ptr);
    struct err e;

    if (!c->bound && js_parse(&c->bound, bounds, sizeof(bounds) - 1, &e))
        (void)sc_fail(c, e.code, "", "%s", e.text);
    if (c->b.rc)
        return;
    k->types = (uint8_t)(ST_ALL & ~ST_FRAC);
    k->min = w->min < 0 ? NULL : js_at(c->bound, (size_t)w->min);
    k->max = w->max < 0 ? NULL : js_at(c->bound, (size_t)w->max);
    sc_add(c, &s->all, k);
}

bool sc_format(struct sctx *c, struct sch *s, struct skey name)
{
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        if (!is(widths[i].name, name))
            continue;
        add_width(c, s, &widths[i]);
        return true;
    }
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const struct format *f = &formats[i];

        if (!is(f->name, name))
            continue;
        if (f->holds)
            s->pattern[s->n_pattern++] =
                (struct spattern){ .text = { f->holds, strlen(f->holds) },
                                   .may_hold = { f->may_hold, strlen(f->may_hold) } };
        return true;
    }
    return false;
}
