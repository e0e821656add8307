#pragma once

#include "server/app/client.hpp"

namespace khochung::app {

/// Reads everything that is stored again and names what differs; gives the exit code.
int verify(Client& client, bool prints_json);

}  // namespace khochung::app
