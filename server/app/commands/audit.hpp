#pragma once

#include <cstdint>
#include <string>

#include "server/app/client.hpp"

/// The audit chain's commands; each gives the exit code.
namespace khochung::app {

/// Proves the chain, also against a checkpoint that was kept elsewhere (a file with its line;
/// empty: none). A chain that was touched ends with the exit code of corrupt.
int verify_audit(Client& client, const std::string& checkpoint_file, bool prints_json);
int list_audit(Client& client, std::uint64_t from, std::uint64_t limit, bool prints_json);
/// Prints the newest checkpoint, signed now: to be kept elsewhere.
int print_checkpoint(Client& client, bool prints_json);
int change_audit_key(Client& client, bool prints_json);

}  // namespace khochung::app
