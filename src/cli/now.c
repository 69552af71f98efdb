/* Civil time to seconds and back, by the calendar's arithmetic. */
#include "cli/now.h"

#include <stdio.h>
#include <string.h>

#include "os/sys.h"

struct now now_local(void)
{
    struct now n = { .unix_s = clock_unix_s() };

    n.zone_s = clock_zone_s(n.unix_s);
    return n;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar; the year is made to begin in March, so
 * that the leap day is its last. */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    int64_t era, year_of_era, day_of_year, day_of_era;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    year_of_era = y - era * 400;
    day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* "", "Z", "+HH:MM", "-HHMM" to seconds; false on anything else. */
static bool parse_zone(const char *s, int32_t *zone_s)
{
    int h = 0, m = 0, n = 0;

    *zone_s = 0;
    if (*s == '\0' || strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
        return true;
    if (*s != '+' && *s != '-')
        return false;
    if (sscanf(s + 1, "%2d:%2d%n", &h, &m, &n) < 2 && sscanf(s + 1, "%2d%2d%n", &h, &m, &n) < 2)
        return false;
    if (s[1 + n] || h > 23 || m > 59)
        return false;
    *zone_s = (*s == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

enum err_code now_parse(const char *text, struct now *out, struct err *e)
{
    int year, month, day, hour = 0, minute = 0, second = 0, n = 0, more = 0;
    const char *rest;

    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &n) < 3 || month < 1 || month > 12 ||
        day < 1 || day > 31)
        return err_set(e, ERR_ARG, "'%s' is not an ISO 8601 time such as 2024-07-26T12:30:00",
                       text);
    rest = text + n;
    if ((*rest == 'T' || *rest == ' ') &&
        sscanf(rest + 1, "%2d:%2d%n", &hour, &minute, &more) == 2) {
        rest += 1 + more;
        if (*rest == ':' && sscanf(rest + 1, "%2d%n", &second, &more) == 1)
            rest += 1 + more;
        if (*rest == '.') {
            rest++;
            rest += strspn(rest, "0123456789");
        }
    }
    if (!parse_zone(rest, &out->zone_s) || hour > 23 || minute > 59 || second > 60)
        return err_set(e, ERR_ARG, "'%s' is not an ISO 8601 time such as 2024-07-26T12:30:00",
                       text);
    out->unix_s = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second -
                  out->zone_s;
    return ERR_OK;
}
