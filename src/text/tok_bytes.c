/* How vocabularies spell bytes: GPT-2's printable alphabet, <0xXX>, RWKV's escapes. */
#include "text/tok_int.h"

/* Printable Latin-1 stands for itself; the other 68 bytes follow from U+0100 on, in order. */
static bool is_plain(unsigned byte)
{
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

#define N_CONTROL 33U /* 00..20 */

uint32_t tok_byte_char(unsigned byte)
{
    if (is_plain(byte))
        return byte;
    if (byte < N_CONTROL)
        return 0x100 + byte;
    if (byte == 0xAD)
        return 0x143;
    return 0x100 + N_CONTROL + byte - 0x7F;
}

int tok_char_byte(uint32_t cp)
{
    if (cp < 0x100)
        return is_plain(cp) ? (int)cp : -1;
    if (cp < 0x100 + N_CONTROL)
        return (int)(cp - 0x100);
    if (cp < 0x143)
        return (int)(cp - 0x100 - N_CONTROL + 0x7F);
    return cp == 0x143 ? 0xAD : -1;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int tok_byte_spelled(const char *s, size_t len)
{
    int hi, lo;

    if (len != 6 || s[0] != '<' || s[1] != '0' || s[2] != 'x' || s[5] != '>')
        return -1;
    hi = hex_digit(s[3]);
    lo = hex_digit(s[4]);
    return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

void tok_unescape(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        char c = s[i];

        if (c == '\\' && i + 1 < len) {
            c = s[++i];
            if (c == 'x' && i + 2 < len && hex_digit(s[i + 1]) >= 0 && hex_digit(s[i + 2]) >= 0) {
                c = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
                i += 2;
            } else {
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
            }
        }
        buf_addc(out, c);
    }
}
