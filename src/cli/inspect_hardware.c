/* hearth inspect hardware: processor, memory, devices. */
#include <stdio.h>

#include "base/jsonw.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "compute/device.h"
#include "os/cpu.h"
#include "os/file.h"

static void features_text(const struct cpu_info *c, struct buf *out)
{
    for (uint32_t bit = 1; bit; bit <<= 1) {
        if ((c->features & bit) && cpu_feature_name(bit))
            (void)buf_addf(out, "%s%s", out->len ? " " : "", cpu_feature_name(bit));
    }
}

static double gib(uint64_t bytes)
{
    return (double)bytes / (1024.0 * 1024.0 * 1024.0);
}

static void print_text(const struct cpu_info *c, const struct device_info *d, const char *features)
{
    (void)printf("CPU            %s\n", c->name);
    (void)printf("cores          %u physical, %u logical usable\n", c->n_physical, c->n_logical);
    (void)printf("instructions   %s\n", features);
    (void)printf("kernels        %s\n", d->isa);
    (void)printf("cache          L2 %.2f MiB, L3 %.2f MiB\n", (double)c->l2_bytes / 1048576.0,
                 (double)c->l3_bytes / 1048576.0);
    (void)printf("memory         %.2f GiB, %.2f GiB available\n", gib(c->ram_bytes),
                 gib(c->ram_available));
    (void)printf("GPUs           none (this build computes on the CPU)\n");
}

static void print_json(const struct cpu_info *c, const struct device_info *d, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "cpu");
    jsonw_obj(&w);
    jsonw_key(&w, "name");
    jsonw_str(&w, c->name);
    jsonw_key(&w, "physical_cores");
    jsonw_uint(&w, c->n_physical);
    jsonw_key(&w, "logical_cores");
    jsonw_uint(&w, c->n_logical);
    jsonw_key(&w, "features");
    jsonw_arr(&w);
    for (uint32_t bit = 1; bit; bit <<= 1) {
        if ((c->features & bit) && cpu_feature_name(bit))
            jsonw_str(&w, cpu_feature_name(bit));
    }
    jsonw_arr_end(&w);
    jsonw_key(&w, "kernels");
    jsonw_str(&w, d->isa);
    jsonw_key(&w, "l2_bytes");
    jsonw_uint(&w, c->l2_bytes);
    jsonw_key(&w, "l3_bytes");
    jsonw_uint(&w, c->l3_bytes);
    jsonw_obj_end(&w);
    jsonw_key(&w, "memory");
    jsonw_obj(&w);
    jsonw_key(&w, "total_bytes");
    jsonw_uint(&w, c->ram_bytes);
    jsonw_key(&w, "available_bytes");
    jsonw_uint(&w, c->ram_available);
    jsonw_obj_end(&w);
    jsonw_key(&w, "gpus");
    jsonw_arr(&w);
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
    (void)buf_addc(out, '\n');
}

int inspect_hardware(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "What this machine offers: processor, memory, devices"
    };
    bool json = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" }
    };
    struct positionals rest;
    struct device *device = NULL;
    struct device_info info;
    struct buf out;
    struct err e = { 0 };
    int done = args_begin(argc, argv, "hearth inspect hardware", &cmd, rows, COUNT_OF(rows), &rest);
    enum err_code rc;

    if (done >= 0)
        return done;
    rc = cpu_device_ops.open(&device, &(struct device_params){ 0 }, &e);
    if (rc)
        return fail(&e);
    cpu_device_ops.describe(device, &info);
    buf_init(&out, MEM_OTHER, 64 * 1024);
    if (json) {
        print_json(cpu_info(), &info, &out);
        rc = stdout_write(buf_str(&out), out.len, &e);
    } else {
        features_text(cpu_info(), &out);
        print_text(cpu_info(), &info, buf_str(&out));
    }
    buf_finish(&out);
    cpu_device_ops.close(device);
    return rc ? fail(&e) : EXIT_DONE;
}
