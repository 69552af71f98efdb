/* Proves: frames and events survive a socket in pieces of any size; nothing that the other end
 * sends is believed before it is checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/net.h"
#include "runtime/wire.h"
#include "support/fixtures.h"

static uint64_t seed = 3;

static uint32_t rnd(uint32_t n)
{
    return (uint32_t)(test_random(&seed) % n);
}

/* ---- frames ---- */

#define N_FRAME 200U

static size_t frame_len(uint32_t i)
{
    return i % 17 == 16 ? 300000 + i : i * 37 % 5000;
}

static void fill(uint8_t *to, uint32_t i)
{
    for (size_t k = 0; k < frame_len(i); k++)
        to[k] = (uint8_t)(i * 31 + k * 7);
}

/* Proves: frames of all sizes come out as they went in, although the socket is full again and again
 * and both ends wait for each other. */
static void frames_come_whole_and_in_order(void **state)
{
    static uint8_t data[400000];
    struct wire a, b;
    uint32_t sent = 0, got = 0;
    int fds[2];

    (void)state;
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    wire_init(&a, fds[0]);
    wire_init(&b, fds[1]);
    for (uint32_t rounds = 0; got < N_FRAME; rounds++) {
        struct wire_frame f;

        assert_true(rounds < 100000);
        for (uint32_t n = rnd(4); n && sent < N_FRAME; n--, sent++) {
            fill(data, sent);
            assert_int_equal(wire_send(&a, WIRE_JOB, sent, data, frame_len(sent), NULL), ERR_OK);
        }
        assert_int_equal(wire_flush(&a, NULL), ERR_OK);
        assert_int_equal(wire_read(&b, NULL), ERR_OK);
        for (; wire_next(&b, &f); got++) {
            assert_int_equal(f.job, got);
            assert_int_equal(f.kind, WIRE_JOB);
            assert_int_equal(f.len, frame_len(got));
            fill(data, got);
            assert_memory_equal(f.body, data, f.len);
        }
    }
    assert_false(wire_unsent(&a));
    net_close(&fds[0]);
    assert_int_equal(wire_read(&b, NULL), ERR_CANCELLED);
    wire_finish(&a);
    wire_finish(&b);
    net_close(&fds[1]);
}

static enum err_code read_bytes(const void *bytes, size_t len)
{
    enum err_code rc;
    struct wire b;
    size_t n;
    int fds[2];

    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    wire_init(&b, fds[1]);
    assert_int_equal(net_write(fds[0], bytes, len, &n, NULL), ERR_OK);
    rc = wire_read(&b, NULL);
    wire_finish(&b);
    net_close(&fds[0]);
    net_close(&fds[1]);
    return rc;
}

/* Proves: a head that no writer makes is ERR_FORMAT, and a head that announces much takes no memory
 * before the bytes are there. */
static void heads_are_checked(void **state)
{
    uint8_t head[16] = { [4] = WIRE_EVENT };
    size_t before = mem_in_use(MEM_REQUEST);
    uint32_t len = WIRE_BODY_MAX;

    (void)state;
    assert_int_equal(read_bytes(head, 16), ERR_OK);
    for (unsigned kind = 0; kind < 256; kind++) {
        head[4] = (uint8_t)kind;
        assert_int_equal(read_bytes(head, 16),
                         kind >= WIRE_OPEN && kind < WIRE_KIND_COUNT ? ERR_OK : ERR_FORMAT);
    }
    head[4] = WIRE_JOB;
    for (unsigned i = 5; i < 8; i++) {
        head[i] = 1;
        assert_int_equal(read_bytes(head, 16), ERR_FORMAT);
        head[i] = 0;
    }
    memcpy(head, &len, sizeof(len));
    assert_int_equal(read_bytes(head, 16), ERR_OK);
    len++;
    memcpy(head, &len, sizeof(len));
    assert_int_equal(read_bytes(head, 16), ERR_FORMAT);
    assert_int_equal(mem_in_use(MEM_REQUEST), before);
}

/* Proves: who sends more than the other end takes is told so, and loses nothing that was sent. */
static void what_is_unsent_has_a_limit(void **state)
{
    size_t len = WIRE_BODY_MAX / 4;
    uint8_t *data = mem_alloc_zero(MEM_OTHER, len);
    enum err_code rc = ERR_OK;
    struct wire a;
    uint32_t n = 0;
    int fds[2];

    (void)state;
    assert_non_null(data);
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    wire_init(&a, fds[0]);
    while (!rc && n < 1000) {
        rc = wire_send(&a, WIRE_EVENT, n, data, len, NULL);
        n++;
    }
    assert_int_equal(rc, ERR_LIMIT);
    assert_true(n >= WIRE_UNSENT_MAX / len && n <= WIRE_UNSENT_MAX / len + 2);
    wire_finish(&a);
    net_close(&fds[0]);
    net_close(&fds[1]);
    mem_free(data);
}

/* Proves: with no memory for them, long frames come without their bodies, in their places; short
 * ones come whole; a frame that cannot be sent is refused and leaves the next ones as they are. */
static void frames_survive_a_shortage(void **state)
{
    static const size_t lens[] = {
        10, 3U << 20, 0, 4000, 2U << 20, 1U << 20, 50, 60000, 3U << 20, 7
    };
    uint8_t *data = mem_alloc_zero(MEM_OTHER, 3U << 20);
    uint32_t got = 0, sent = 0, n_lost = 0;
    struct wire a, b;
    int fds[2];

    (void)state;
    memset(data, 'x', 3U << 20);
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    wire_init(&a, fds[0]);
    wire_init(&b, fds[1]);
    for (uint32_t rounds = 0; got < COUNT_OF(lens); rounds++) {
        struct wire_frame f;

        assert_true(rounds < 100000);
        if (sent < COUNT_OF(lens) && !wire_unsent(&a)) {
            (void)mem_fail_at(1, 1);
            assert_int_equal(wire_send(&a, WIRE_JOB, 99, data, 3U << 20, NULL), ERR_OOM);
            (void)mem_fail_at(0, 0);
            assert_int_equal(wire_send(&a, WIRE_JOB, sent, data, lens[sent], NULL), ERR_OK);
            sent++;
        }
        assert_int_equal(wire_flush(&a, NULL), ERR_OK);
        (void)mem_fail_at(1, 1);
        assert_int_equal(wire_read(&b, NULL), ERR_OK);
        (void)mem_fail_at(0, 0);
        for (; wire_next(&b, &f); got++) {
            assert_int_equal(f.job, got);
            assert_int_equal(f.is_lost, lens[got] > 100000);
            assert_int_equal(f.len, f.is_lost ? 0 : lens[got]);
            if (f.len)
                assert_memory_equal(f.body, data, f.len);
            n_lost += f.is_lost;
        }
    }
    assert_int_equal(n_lost, 4);
    wire_finish(&a);
    wire_finish(&b);
    net_close(&fds[0]);
    net_close(&fds[1]);
    mem_free(data);
}

/* ---- events ---- */

static const char *word(void)
{
    static const char *const words[] = { "", "a", "qwen3", "\xC3\xA4\xC3\xB6", "{\"x\":1}" };

    return words[rnd(5)];
}

static struct job_prob random_prob(void)
{
    struct job_prob p = { .id = (int32_t)rnd(1000), .logprob = -(float)rnd(100), .text = word() };

    p.len = (uint32_t)strlen(p.text);
    return p;
}

struct made {
    struct job_event ev;
    struct job_done done;
    struct job_token tokens[3];
    struct job_prob top[3][JOB_TOP_MAX];
    float vector[64];
    int32_t ids[64];
};

static void random_event(struct made *m)
{
    memset(m, 0, sizeof(*m));
    m->ev = (struct job_event){ .kind = (enum job_event_kind)rnd(JOB_EV_FAILED + 1),
                                .choice = rnd(JOB_CHOICES_MAX),
                                .is_last = rnd(2),
                                .instance = rnd(2) ? word() : NULL,
                                .share = test_uniform(&seed),
                                .load_s = (double)test_uniform(&seed),
                                .n_done = rnd(100),
                                .n_total = rnd(100),
                                .call = rnd(10),
                                .name = word(),
                                .id = word(),
                                .text = rnd(4) ? "a text\0 with NUL" : NULL,
                                .input = rnd(10),
                                .n_input_tok = rnd(10),
                                .n_vector = rnd(64),
                                .n_id = rnd(64),
                                .n_token = rnd(3),
                                .error = (enum job_error)rnd(JOB_ERR_COUNT),
                                .part = (enum job_part)rnd(JOB_PART_COUNT),
                                .retry_after_s = rnd(3),
                                .tokens = m->tokens,
                                .vector = m->vector,
                                .ids = m->ids,
                                .done = &m->done };
    m->ev.len = m->ev.text ? 16 : 0;
    m->done = (struct job_done){ .finish = (enum job_finish)rnd(JOB_END_CANCELLED + 1),
                                 .stop = { rnd(2) ? "stop" : NULL, 4 },
                                 .n_prompt = rnd(1000),
                                 .miss_at = JOB_MISS_NONE,
                                 .generate_s = 0.25 };
    for (uint32_t i = 0; i < 3; i++) {
        m->tokens[i].self = random_prob();
        m->tokens[i].top = m->top[i];
        m->tokens[i].n_top = rnd(JOB_TOP_MAX + 1);
        for (uint32_t k = 0; k < JOB_TOP_MAX; k++)
            m->top[i][k] = random_prob();
    }
    for (uint32_t i = 0; i < 64; i++) {
        m->vector[i] = test_uniform(&seed);
        m->ids[i] = (int32_t)i;
    }
}

/* Reads from memory of the exact size, so that sanitizers see a step too far. */
static enum err_code read_event(struct job_event *ev, const void *body, size_t len, struct arena *a)
{
    uint8_t *copy = mem_alloc(MEM_OTHER, len + !len);
    enum err_code rc;

    assert_non_null(copy);
    if (len)
        memcpy(copy, body, len);
    rc = wire_event_read(ev, copy, len, a, NULL);
    if (rc == ERR_OK) {
        struct buf again;

        buf_init(&again, MEM_OTHER, 1U << 24);
        assert_true(wire_event_write(ev, &again)); /* all that it points to can be read */
        assert_int_equal(again.len, len);
        buf_finish(&again);
    }
    mem_free(copy);
    return rc;
}

/* Proves: written, read and written again an event is the same bytes; every cut and every longer
 * text is refused; changed bytes are refused or read without harm. */
static void events_survive_the_way(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 1000; round++) {
        struct made m;
        struct job_event back;
        struct arena a;
        struct buf text, again;

        arena_init(&a, MEM_OTHER, 4096, 1U << 24);
        buf_init(&text, MEM_OTHER, 1U << 24);
        buf_init(&again, MEM_OTHER, 1U << 24);
        random_event(&m);
        assert_true(wire_event_write(&m.ev, &text));
        assert_int_equal(wire_event_read(&back, (const uint8_t *)text.data, text.len, &a, NULL),
                         ERR_OK);
        assert_int_equal(back.kind, m.ev.kind);
        assert_int_equal(back.choice, m.ev.choice);
        assert_true(wire_event_write(&back, &again));
        assert_int_equal(text.len, again.len);
        assert_memory_equal(text.data, again.data, text.len);
        for (size_t cut = 0; cut < text.len; cut += 1 + text.len / 50)
            assert_int_equal(read_event(&back, text.data, cut, &a), ERR_FORMAT);
        for (unsigned i = 0; i < 30; i++) {
            size_t at = rnd((uint32_t)text.len);
            char kept = text.data[at];

            text.data[at] = (char)rnd(256);
            (void)read_event(&back, text.data, text.len, &a);
            text.data[at] = kept;
        }
        (void)buf_addc(&text, 'x');
        assert_int_equal(read_event(&back, text.data, text.len, &a), ERR_FORMAT);
        buf_finish(&text);
        buf_finish(&again);
        arena_finish(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_whole_and_in_order),
        cmocka_unit_test(heads_are_checked),
        cmocka_unit_test(what_is_unsent_has_a_limit),
        cmocka_unit_test(frames_survive_a_shortage),
        cmocka_unit_test(events_survive_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
