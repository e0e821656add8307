#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "server/app/client.hpp"

namespace khochung::app {

/// What `kit make` puts together.
struct NewKit {
  std::string title;
  std::vector<std::string> materials;  ///< ids; every original file of each becomes an item
  std::filesystem::path release;       ///< a text file; empty: none
  std::string contact;
  std::string terms;
  std::string unit;
  std::string visibility = "press";
};

/// Begins a press kit, as a draft. Gives the exit code, as all of these do.
int make_kit(Client& client, const NewKit& kit, bool prints_json);
/// Publishes what the kit holds now as its next version.
int publish_kit(Client& client, const std::string& id, const std::string& note, bool prints_json);
int show_kit(Client& client, const std::string& id, bool prints_json);
/// Writes the ZIP of a version (0: the newest) to a file that is not there yet.
int save_kit(Client& client, const std::string& id, int version, const std::filesystem::path& file,
             bool prints_json);

}  // namespace khochung::app
