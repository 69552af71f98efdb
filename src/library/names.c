/* What models are called: keys, sizes, families, all derived, none looked up. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/utf8.h"
#include "library/library_int.h"

void name_lower(char out[NAME_BYTES], const char *name)
{
    size_t len = strlen(name);

    len = utf8_whole_bytes(name, len < NAME_BYTES ? len : NAME_BYTES - 1);
    for (size_t i = 0; i < len; i++)
        out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
    out[len] = '\0';
}

/* Cuts "-TAIL" (or ".TAIL", "_TAIL") off the end; what would leave nothing stays. */
static bool cut_tail(char *name, const char *tail)
{
    size_t len = strlen(name), n = strlen(tail);

    if (n == 0 || len <= n + 1 || strcmp(name + len - n, tail) != 0 ||
        !strchr("-._", name[len - n - 1]))
        return false;
    name[len - n - 1] = '\0';
    return true;
}

void name_short(char out[NAME_BYTES], const char *name, const char *quant)
{
    char low[NAME_BYTES];

    name_lower(low, quant);
    name_lower(out, name);
    (void)cut_tail(out, "gguf");
    if (cut_tail(out, low))
        (void)cut_tail(out, "gguf");
}

/* One run of letters: capital at the start; all capitals where no vowel makes it a word. */
static void add_word(char *out, size_t *len, const char *word, size_t n)
{
    bool is_word = false;

    for (size_t i = 0; i < n; i++)
        is_word = is_word || strchr("aeiouy", word[i]);
    for (size_t i = 0; i < n && *len + 1 < NAME_BYTES; i++)
        out[(*len)++] = (char)(i == 0 || !is_word ? toupper((unsigned char)word[i]) : word[i]);
}

static void add_text(char *out, size_t *len, const char *text)
{
    for (; *text && *len + 1 < NAME_BYTES; text++)
        out[(*len)++] = *text;
}

void name_arch(char out[NAME_BYTES], const char *arch)
{
    size_t len = 0, i = 0, n;

    while (arch[i]) {
        for (n = 0; arch[i + n] >= 'a' && arch[i + n] <= 'z'; n++) {
        }
        if (n == 0) { /* digits and the like; separators become blanks */
            char c[2] = { arch[i] == '-' || arch[i] == '_' ? ' ' : arch[i], '\0' };

            add_text(out, &len, c);
            i++;
            continue;
        }
        if (n >= 3 && strncmp(arch + i + n - 3, "moe", 3) == 0) { /* mixture of experts */
            add_word(out, &len, arch + i, n - 3);
            add_text(out, &len, len > 0 && out[len - 1] != ' ' ? " MoE" : "MoE");
        } else {
            add_word(out, &len, arch + i, n);
        }
        i += n;
    }
    out[len] = '\0';
}

/* "8B", "1.2B", "137M"; the few below a thousand as they are. */
static void count_text(char *out, size_t cap, uint64_t n)
{
    static const struct {
        double one;
        const char *unit;
    } units[] = { { 1e12, "T" }, { 1e9, "B" }, { 1e6, "M" }, { 1e3, "K" } };
    double v = (double)n;

    for (size_t i = 0; i < COUNT_OF(units); i++) {
        double scaled = v / units[i].one;

        if (scaled < 0.9995)
            continue;
        (void)snprintf(out, cap, scaled < 9.95 ? "%.1f" : "%.0f", scaled);
        (void)cut_tail(out, "0");
        (void)snprintf(out + strlen(out), cap - strlen(out), "%s", units[i].unit);
        return;
    }
    (void)snprintf(out, cap, "%u", (unsigned)n);
}

/* Digits, maybe with a point, and a unit: "1.5B"; returns its length, 0: no. */
static size_t size_len(const char *s)
{
    size_t n = strspn(s, "0123456789.");

    return n > 0 && s[0] != '.' && s[n] && strchr("KMBTQ", s[n]) ? n + 1 : 0;
}

/* "8B", "26B-A4B", "8x7B": what files that follow the naming rules of GGUF say. */
static bool is_size_label(const char *s)
{
    size_t n = strspn(s, "0123456789");

    if (n > 0 && s[n] == 'x')
        s += n + 1;
    n = size_len(s);
    if (n > 0 && strncmp(s + n, "-A", 2) == 0) {
        s += n + 2;
        n = size_len(s);
    }
    return n > 0 && s[n] == '\0';
}

void name_params(char out[NAME_BYTES], const struct facts *f)
{
    char all[32] = "", active[32] = "";

    out[0] = '\0';
    if (strlen(f->size_label) < sizeof(all) && is_size_label(f->size_label)) {
        (void)snprintf(out, NAME_BYTES, "%s", f->size_label);
        return;
    }
    if (f->n_param == 0)
        return;
    count_text(all, sizeof(all), f->n_param);
    if (f->n_expert > 0 && f->n_active > 0 && f->n_active < f->n_param)
        count_text(active, sizeof(active), f->n_active);
    (void)snprintf(out, NAME_BYTES, active[0] ? "%s-A%s" : "%s", all, active);
}
