#pragma once

#include <string>
#include <vector>

#include "server/app/client.hpp"

/// The commands about what may go: retention, disposal, erase. Each gives the exit code.
namespace khochung::app {

int list_retention(Client& client, bool prints_json);
/// Sets or, with an empty term, removes the class of one kind.
struct RetentionChange {
  std::string kind, term, basis;
};
int set_retention(Client& client, const RetentionChange& change, bool prints_json);
/// All that is due on a day ("2026-12-31"; empty: today).
int list_due(Client& client, const std::string& before, bool prints_json);

int list_disposals(Client& client, bool prints_json);
int begin_disposal(Client& client, const std::vector<std::string>& materials,
                   const std::string& note, bool prints_json);
int show_disposal(Client& client, const std::string& id, bool as_csv, bool prints_json);
struct DisposalStepOptions {
  std::string id, state, document, note;
};
/// Goes on until the whole list is carried out.
int step_disposal(Client& client, const DisposalStepOptions& options, bool prints_json);

struct ErasureOptions {
  std::string id, ground, minutes;
  bool approves = false;
};
int erase(Client& client, const ErasureOptions& options, bool prints_json);

}  // namespace khochung::app
