/* Routes of Anthropic's API. */
#include "base/attr.h"
#include "serve/anthropic/messages_int.h"

static const struct http_route routes[] = {
    { HTTP_POST, "/v1/messages", anthropic_messages, FAMILY_ANTHROPIC, KEY_INFERENCE,
      ROUTE_BODY_CHAT, false },
    { HTTP_POST, "/v1/messages/count_tokens", anthropic_count_tokens, FAMILY_ANTHROPIC,
      KEY_INFERENCE, ROUTE_BODY_CHAT, false },
};
const struct route_table routes_anthropic = { routes, COUNT_OF(routes) };
