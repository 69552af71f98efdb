/* Routes of the native API. */
#include "base/attr.h"
#include "serve/native/native_int.h"

#define BODY_OF_CONTROL (64U << 10)

static const struct http_route routes[] = {
    { HTTP_POST, "/api/v1/chat", v1_chat, FAMILY_NATIVE, KEY_INFERENCE, ROUTE_BODY_CHAT, false },
    { HTTP_GET, "/api/v1/models", v1_models, FAMILY_NATIVE, KEY_MODELS_READ, 0, false },
    { HTTP_POST, "/api/v1/models/load", v1_load, FAMILY_NATIVE, KEY_MODELS_LOAD, BODY_OF_CONTROL,
      false },
    { HTTP_POST, "/api/v1/models/unload", v1_unload, FAMILY_NATIVE, KEY_MODELS_LOAD,
      BODY_OF_CONTROL, false },
    { HTTP_GET, "/api/v0/models", v0_models, FAMILY_OPENAI, KEY_MODELS_READ, 0, false },
    { HTTP_GET, "/api/v0/models/*", v0_model, FAMILY_OPENAI, KEY_MODELS_READ, 0, false },
    { HTTP_POST, "/api/v0/chat/completions", v0_chat, FAMILY_OPENAI, KEY_INFERENCE, ROUTE_BODY_CHAT,
      false },
    { HTTP_POST, "/api/v0/completions", v0_completions, FAMILY_OPENAI, KEY_INFERENCE,
      ROUTE_BODY_CHAT, false },
    { HTTP_POST, "/api/v0/embeddings", v0_embeddings, FAMILY_OPENAI, KEY_INFERENCE, ROUTE_BODY_CHAT,
      false },
};
const struct route_table routes_native = { routes, COUNT_OF(routes) };
