/* Starting, asking and ending a daemon from outside. */
#include "e2e/home.h"

#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/file.h"
#include "os/sys.h"

#define STEP_MS      20U
#define REQUEST_MAX  (128U << 20)
#define COMMAND_SIZE 128
#define SAID_MAX     (64U << 20)
#define SAID_SHOWN   8192U

bool home_make(struct home *h, const char *config_json)
{
    char path[96];
    FILE *f;

    *h = (struct home){ .path = "/tmp/hearth-e2e-XXXXXX" };
    if (!mkdtemp(h->path))
        return false;
    (void)snprintf(h->socket, sizeof(h->socket), "%s/run/hearth.sock", h->path);
    if (!config_json)
        return true;
    (void)snprintf(path, sizeof(path), "%s/config.json", h->path);
    f = fopen(path, "w");
    if (!f)
        return false;
    (void)fputs(config_json, f);
    return fclose(f) == 0;
}

static void limit(int what, uint64_t value)
{
    const struct rlimit l = { value, value };

    if (value)
        (void)setrlimit(what, &l);
}

/* What it says, and its workers, is kept and looked through at the end: see says_well. */
static void said_path(const struct home *h, char out[96])
{
    (void)snprintf(out, 96, "%s/said", h->path);
}

static void become_daemon(const struct home *h, const char *program,
                          const struct home_limits *limits)
{
    char said[96];

    said_path(h, said);
    (void)setenv("HEARTH_HOME", h->path, 1);
    (void)setenv("HOME", h->path, 1); /* no models of the user's */
    if (!getenv("HOME_VERBOSE") && !freopen(said, "w", stderr))
        _exit(127);
    if (limits) {
        limit(RLIMIT_AS, limits->memory_bytes);
        limit(RLIMIT_FSIZE, limits->file_bytes);
        limit(RLIMIT_NOFILE, limits->n_file);
        if (limits->is_held && geteuid() == 0 &&
            (prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) != 0 ||
             prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0) != 0))
            _exit(127);
    }
    (void)execl(program, "hearth", "serve", "--port", "0", (char *)NULL);
    _exit(127);
}

bool home_start(struct home *h, const char *program, const struct home_limits *limits)
{
    char path[96], line[512];
    const double until = clock_s() + HOME_WAIT_S;

    (void)fflush(NULL);
    h->port = 0;
    h->pid = fork();
    if (h->pid == 0)
        become_daemon(h, program, limits);
    (void)snprintf(path, sizeof(path), "%s/run/server.json", h->path);
    while (!h->port && clock_s() < until && home_is_up(h)) {
        FILE *f = fopen(path, "r");
        const char *p = f && fgets(line, sizeof(line), f) ? strstr(line, "\"port\":") : NULL;

        if (p)
            h->port = (uint16_t)strtol(p + 7, NULL, 10);
        if (f)
            (void)fclose(f);
        sleep_ms(STEP_MS);
    }
    return h->port != 0;
}

bool home_is_up(const struct home *h)
{
    return h->pid > 0 && waitpid(h->pid, NULL, WNOHANG) == 0;
}

/* A sanitizer's report, of the daemon or of a worker, is shown and is a failure, whatever the exit
 * code was. */
static bool says_well(const struct home *h, bool ended_well)
{
    static const char *const marks[] = { "Sanitizer", "runtime error:" };
    struct buf text;
    char path[96];
    bool well = true;

    said_path(h, path);
    buf_init(&text, MEM_OTHER, SAID_MAX);
    (void)file_read(&text, path, NULL);
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        well = well && !strstr(buf_str(&text), marks[i]);
    if (!well || !ended_well) {
        const char *from =
            text.len > SAID_SHOWN ? text.data + text.len - SAID_SHOWN : buf_str(&text);

        for (const char *m = well ? NULL : strstr(buf_str(&text), "Sanitizer"); m && m < from;)
            from = m; /* the first report, all that follows */
        (void)printf("# the daemon said: ");
        for (; *from; from++)
            (void)printf(*from == '\n' ? "\n# " : "%c", *from);
        (void)printf("\n");
    }
    buf_finish(&text);
    return well;
}

bool home_stop(struct home *h)
{
    const double until = clock_s() + HOME_WAIT_S;
    bool ended_well;
    int status = -1;
    pid_t got = 0;

    (void)kill(h->pid, SIGTERM);
    while (got == 0 && clock_s() < until) {
        got = waitpid(h->pid, &status, WNOHANG);
        sleep_ms(STEP_MS);
    }
    if (got == 0) {
        (void)kill(h->pid, SIGKILL);
        (void)waitpid(h->pid, &status, 0);
    }
    h->pid = 0;
    ended_well = got > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return says_well(h, ended_well) && ended_well;
}

void home_remove(struct home *h)
{
    char command[COMMAND_SIZE];

    if (h->pid > 0)
        (void)home_stop(h);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", h->path);
    if (system(command) != 0)
        (void)printf("# %s was not removed\n", h->path);
}

long home_memory_kib(const struct home *h)
{
    char path[64], line[256];
    long kib = 0;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)h->pid);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        (void)sscanf(line, "RssAnon: %ld", &kib);
    if (f)
        (void)fclose(f);
    return kib;
}

static void ask_on(int fd, const char *method, const char *path, const char *body, const char *key,
                   struct answer *a)
{
    struct client c;
    struct buf text;

    buf_init(&text, MEM_OTHER, REQUEST_MAX);
    (void)buf_addf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method,
                   path);
    if (key)
        (void)buf_addf(&text, "Authorization: Bearer %s\r\n", key);
    if (body)
        (void)buf_addf(&text, "Content-Length: %zu\r\n", strlen(body));
    (void)buf_addf(&text, "\r\n%s", body ? body : "");
    client_begin(&c, fd);
    (void)client_try_send(c.fd, text.data, text.len);
    client_answer(&c, a);
    client_end(&c);
    buf_finish(&text);
}

void home_ask(const struct home *h, const char *method, const char *path, const char *body,
              const char *key, struct answer *a)
{
    ask_on(client_tcp(h->port), method, path, body, key, a);
}

void home_control(const struct home *h, const char *method, const char *path, const char *body,
                  struct answer *a)
{
    ask_on(client_unix(h->socket), method, path, body, NULL, a);
}

bool answer_has(const struct answer *a, const char *word)
{
    return strstr(buf_str(&a->body), word) != NULL;
}

bool answer_is_typed(const struct answer *a)
{
    return a->status >= 400 && answer_has(a, "\"error\"") && answer_has(a, "\"message\"");
}

bool home_until(const struct home *h, const char *path, const char *word, bool is_there)
{
    const double until = clock_s() + HOME_WAIT_S;
    bool ok = false;

    while (!ok && clock_s() < until) {
        struct answer a;

        home_control(h, "GET", path, NULL, &a);
        ok = answer_has(&a, word) == is_there;
        answer_finish(&a);
        if (!ok)
            sleep_ms(STEP_MS);
    }
    return ok;
}
