/* strftime_now: the clock is an argument of the rendering; the language is English (C locale). The
 * time has no zone, as Python's naive datetime: %Z and %z are empty. Flags - _ 0 ^ # as in glibc.
 */
#include "text/jinja_int.h"

#include <stdio.h>
#include <string.h>

#define WIDTH_MAX 64

struct civil {
    int64_t year, unix_s;
    int month, day, hour, minute, second; /* month 1..12 */
    int week_day, year_day;               /* 0 = Sunday; 0..365 */
};

static bool is_leap(int64_t y)
{
    return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970 to a date of the Gregorian calendar; years are counted from March, so that the
 * leap day is the last of its year. */
static void civil_of(int64_t t, struct civil *c)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    int64_t days = floor_div(t, 86400), rest = t - days * 86400;
    int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

    c->unix_s = t;
    c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = yoe + era * 400 + (c->month <= 2);
    c->hour = (int)(rest / 3600);
    c->minute = (int)(rest / 60 % 60);
    c->second = (int)(rest % 60);
    c->week_day = (int)(((days + 4) % 7 + 7) % 7);
    c->year_day = before[c->month - 1] + c->day - 1 + (c->month > 2 && is_leap(c->year));
}

/* Week and year of ISO 8601. */
static int iso_week(const struct civil *c, int64_t *year)
{
    int day = (c->week_day + 6) % 7, week = (c->year_day - day + 10) / 7, last;

    *year = c->year;
    if (week < 1) {
        int64_t y = c->year - 1;
        int jan1 = ((c->week_day - c->year_day) % 7 + 7) % 7; /* week day of this January 1 */
        int before = (jan1 - (is_leap(y) ? 366 : 365) % 7 + 7) % 7;

        *year = y;
        return before == 4 || (before == 3 && is_leap(y)) ? 53 : 52;
    }
    last = is_leap(c->year) ? 366 : 365;
    if (week == 53 && c->year_day - day + 3 >= last) {
        *year = c->year + 1;
        return 1;
    }
    return week;
}

struct spec {
    char flag; /* 0 when none */
    bool upper;
    int width; /* 0 when none */
};

static void put_num(struct jrun *r, struct spec s, int64_t v, int width, char pad)
{
    char text[WIDTH_MAX + 32];
    int n;

    if (s.width)
        width = s.width;
    if (s.flag == '-')
        width = 0;
    if (s.flag == '_' || s.flag == '0')
        pad = s.flag == '_' ? ' ' : '0';
    n = snprintf(text, sizeof(text), pad == '0' ? "%0*lld" : "%*lld", width, (long long)v);
    jr_write(r, text, (size_t)n);
}

static void put_name(struct jrun *r, struct spec s, const char *name, size_t len)
{
    char text[16];

    for (size_t i = 0; i < len; i++)
        text[i] = s.upper ? (char)jchar_upper((unsigned char)name[i]) : name[i];
    jr_write(r, text, len);
}

static const char *const day_names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday" };
static const char *const month_names[] = { "January",   "February", "March",    "April",
                                           "May",       "June",     "July",     "August",
                                           "September", "October",  "November", "December" };

static bool put_word(struct jrun *r, struct spec s, const struct civil *c, char code)
{
    const char *day = day_names[c->week_day], *month = month_names[c->month - 1];

    switch (code) {
    case 'a':
        put_name(r, s, day, 3);
        return true;
    case 'A':
        put_name(r, s, day, strlen(day));
        return true;
    case 'b':
    case 'h':
        put_name(r, s, month, 3);
        return true;
    case 'B':
        put_name(r, s, month, strlen(month));
        return true;
    case 'p':
        put_name(r, s,
                 s.flag == '#'  ? (c->hour < 12 ? "am" : "pm")
                 : c->hour < 12 ? "AM"
                                : "PM",
                 2);
        return true;
    case 'P':
        put_name(r, s, c->hour < 12 ? "am" : "pm", 2);
        return true;
    default:
        return false;
    }
}

static bool put_date(struct jrun *r, struct spec s, const struct civil *c, char code)
{
    int64_t iso_year;
    int week = iso_week(c, &iso_year);

    switch (code) {
    case 'Y':
        put_num(r, s, c->year, 0, '0');
        return true;
    case 'C':
        put_num(r, s, floor_div(c->year, 100), 2, '0');
        return true;
    case 'y':
        put_num(r, s, ((c->year % 100) + 100) % 100, 2, '0');
        return true;
    case 'm':
        put_num(r, s, c->month, 2, '0');
        return true;
    case 'd':
        put_num(r, s, c->day, 2, '0');
        return true;
    case 'e':
        put_num(r, s, c->day, 2, ' ');
        return true;
    case 'j':
        put_num(r, s, c->year_day + 1, 3, '0');
        return true;
    case 'U':
        put_num(r, s, (c->year_day + 7 - c->week_day) / 7, 2, '0');
        return true;
    case 'W':
        put_num(r, s, (c->year_day + 7 - (c->week_day + 6) % 7) / 7, 2, '0');
        return true;
    case 'V':
        put_num(r, s, week, 2, '0');
        return true;
    case 'G':
        put_num(r, s, iso_year, 0, '0');
        return true;
    case 'g':
        put_num(r, s, ((iso_year % 100) + 100) % 100, 2, '0');
        return true;
    case 'u':
        put_num(r, s, c->week_day ? c->week_day : 7, 1, '0');
        return true;
    case 'w':
        put_num(r, s, c->week_day, 1, '0');
        return true;
    default:
        return false;
    }
}

static bool put_clock(struct jrun *r, struct spec s, const struct civil *c, char code)
{
    int hour12 = c->hour % 12 ? c->hour % 12 : 12;

    switch (code) {
    case 'H':
        put_num(r, s, c->hour, 2, '0');
        return true;
    case 'k':
        put_num(r, s, c->hour, 2, ' ');
        return true;
    case 'I':
        put_num(r, s, hour12, 2, '0');
        return true;
    case 'l':
        put_num(r, s, hour12, 2, ' ');
        return true;
    case 'M':
        put_num(r, s, c->minute, 2, '0');
        return true;
    case 'S':
        put_num(r, s, c->second, 2, '0');
        return true;
    case 'f':
        jr_write(r, "000000", 6);
        return true;
    case 's':
        put_num(r, s, c->unix_s, 1, '0');
        return true;
    case 'z':
    case 'Z':
        return true;
    case 'n':
    case 't':
    case '%':
        jr_write(r, code == 'n' ? "\n" : code == 't' ? "\t" : "%", 1);
        return true;
    default:
        return false;
    }
}

static void put_all(struct jrun *r, const struct civil *c, const char *fmt, size_t len);

static bool put_group(struct jrun *r, const struct civil *c, char code)
{
    static const struct {
        char code;
        const char *fmt;
    } groups[] = {
        { 'c', "%a %b %e %H:%M:%S %Y" },
        { 'x', "%m/%d/%y" },
        { 'D', "%m/%d/%y" },
        { 'X', "%H:%M:%S" },
        { 'T', "%H:%M:%S" },
        { 'R', "%H:%M" },
        { 'r', "%I:%M:%S %p" },
        { 'F', "%Y-%m-%d" },
    };

    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if (groups[i].code == code) {
            put_all(r, c, groups[i].fmt, strlen(groups[i].fmt));
            return true;
        }
    }
    return false;
}

/* One directive behind its '%'; returns its length. */
static size_t put_one(struct jrun *r, const struct civil *c, const char *fmt, size_t len)
{
    struct spec s = { 0 };
    size_t i = 0;

    while (i < len && fmt[i] && strchr("-_0^#", fmt[i])) {
        if (fmt[i] == '^')
            s.upper = true;
        else
            s.flag = fmt[i];
        i++;
    }
    while (i < len && fmt[i] >= '0' && fmt[i] <= '9' && s.width < WIDTH_MAX)
        s.width = s.width * 10 + fmt[i++] - '0';
    if (s.width > WIDTH_MAX)
        s.width = WIDTH_MAX;
    if (i < len && s.flag == '#' && strchr("aAbBh", fmt[i]))
        s.upper = true;
    if (i < len && (fmt[i] == 'E' || fmt[i] == 'O'))
        i++;
    if (i < len && (put_word(r, s, c, fmt[i]) || put_date(r, s, c, fmt[i]) ||
                    put_clock(r, s, c, fmt[i]) || put_group(r, c, fmt[i])))
        return i + 1;
    jr_write(r, "%", 1); /* what is not known stays */
    return 0;
}

static void put_all(struct jrun *r, const struct civil *c, const char *fmt, size_t len)
{
    for (size_t i = 0; i < len && !r->rc;) {
        const char *p = memchr(fmt + i, '%', len - i);
        size_t end = p ? (size_t)(p - fmt) : len;

        jr_write(r, fmt + i, end - i);
        i = end;
        if (p)
            i += 1 + put_one(r, c, fmt + end + 1, len - end - 1);
    }
}

struct jval jtime_format(struct jrun *r, struct jval fmt)
{
    const int64_t limit = (int64_t)1 << 40;
    size_t mark = r->out->len;
    struct civil c;

    if (r->now > limit || r->now < -limit) {
        jr_fail(r, "strftime_now: the clock is out of range");
        return jv_none();
    }
    civil_of(r->now + r->zone, &c);
    put_all(r, &c, fmt.u.s, fmt.len);
    return jr_take(r, mark);
}
