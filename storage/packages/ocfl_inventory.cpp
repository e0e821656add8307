#include "storage/packages/ocfl_inventory.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <set>
#include <unordered_set>

#include "schemas/instant.hpp"
#include "schemas/utf8.hpp"
#include "storage/packages/digests.hpp"
#include "storage/packages/foreign_folder.hpp"

namespace khochung::storage {
namespace {

namespace json = boost::json;

constexpr std::size_t max_json_depth = 16;

/// Looks for an object that has the same key twice, which a tree of values would hide.
struct TwiceHandler {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  std::vector<std::unordered_set<std::string>> open;
  std::string key;
  bool found = false;

  using Code = json::error_code;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    open.pop_back();
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, Code&) {
    key += part;
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code&) {
    key += part;
    found = !open.back().insert(key).second || found;
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }
};

json::parse_options options() {
  json::parse_options options;
  options.max_depth = max_json_depth;
  return options;
}

bool has_a_key_twice(std::string_view text) {
  json::basic_parser<TwiceHandler> parser(options());
  json::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return parser.handler().found;
}

/// Digest algorithms that extensions define and that we do not take: ignored, as the specification
/// wants it. Source: OCFL extensions 0001 and 0009.
constexpr std::array<std::string_view, 6> ignored_algorithms{
    "blake2b-160", "blake2b-256", "blake2b-384", "size", "crc32", "sha512/224"};

bool ends_or_begins_with_slash(std::string_view path) {
  return path.starts_with('/') || path.ends_with('/');
}

/// A digest or path is told of in at most so many letters.
std::string shortened(std::string_view text) {
  return std::string(text.substr(0, 200));
}

/// Reads one inventory; its methods are the sections of the specification.
class InventoryReader {
 public:
  InventoryReader(std::string_view where, OcflWarnings warnings, OcflReport& report)
      : where_(where), warnings_(warnings), report_(report) {}

  OcflInventory read(const json::object& object) {
    read_basics(object);
    read_content_directory(object);
    // Which digests the versions name is held against the manifest afterwards.
    read_manifest(object);
    read_versions(object);
    read_fixity(object);
    for (const auto& member : object) {
      constexpr std::array<std::string_view, 8> known{
          "id",       "type",     "digestAlgorithm", "head", "contentDirectory",
          "manifest", "versions", "fixity"};
      refuse_unknown(known, member.key());
    }
    return std::move(inventory_);
  }

 private:
  void say(std::string_view code, std::string what) { report_.add(code, where_, std::move(what)); }

  template <std::size_t n>
  void refuse_unknown(const std::array<std::string_view, n>& known, std::string_view key) {
    if (std::ranges::find(known, key) == known.end()) {
      say("E102", "a key that is not specified: " + shortened(key));
    }
  }

  /// A member that has to be a string; `code` is said when it is something else or empty.
  std::string text_of(const json::object& object, std::string_view key, std::string_view code) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) {
      say("E036", "no " + std::string(key));
      return {};
    }
    if (!value->is_string() || value->get_string().empty()) {
      say(code, std::string(key) + " is no text");
      return {};
    }
    return std::string(value->get_string());
  }

  void read_basics(const json::object& object) {
    inventory_.id = text_of(object, "id", "E037");
    inventory_.type = text_of(object, "type", "E038");
    inventory_.algorithm = text_of(object, "digestAlgorithm", "E025");
    inventory_.head = text_of(object, "head", "E040");
    const auto& algorithm = inventory_.algorithm;
    if (!algorithm.empty() && algorithm != "sha512" && algorithm != "sha256") {
      say("E025", "content is addressed by sha512 or sha256, not by " + shortened(algorithm));
    }
    if (algorithm == "sha256") say("W004", "sha512 is preferred to sha256");
    if (!inventory_.id.empty() && !is_ocfl_uri(inventory_.id) && warnings_ == OcflWarnings::all) {
      say("W005", "the id is no URI: " + shortened(inventory_.id));
    }
  }

  void read_content_directory(const json::object& object) {
    const auto* value = object.if_contains("contentDirectory");
    if (value == nullptr) return;
    if (!value->is_string() || value->get_string().empty()) {
      say("E108", "contentDirectory is no name");
      return;
    }
    const std::string name(value->get_string());
    if (name.find('/') != std::string::npos) {
      say("E017", "contentDirectory has a slash: " + shortened(name));
      say("E108", "contentDirectory is no direct child: " + shortened(name));
    } else if (name == "." || name == "..") {
      say("E018", "contentDirectory is " + name);
    } else {
      inventory_.content_directory = name;
    }
  }

  /// A block of digests with lists of paths. `structure` is said when it is none.
  OcflPathsByDigest paths_by_digest(const json::value& value, std::string_view structure) {
    OcflPathsByDigest found;
    if (!value.is_object()) {
      say(structure, "not an object with digests as its keys");
      return found;
    }
    for (const auto& [digest, paths] : value.get_object()) {
      auto& list = found[std::string(digest)];
      if (!paths.is_array()) {
        say(structure, "no list of paths for " + shortened(digest));
        continue;
      }
      for (const auto& path : paths.get_array()) {
        if (path.is_string()) {
          list.emplace_back(path.get_string());
        } else {
          say(structure, "a path that is no text for " + shortened(digest));
        }
      }
    }
    return found;
  }

  void digests_once(const OcflPathsByDigest& block, std::string_view code) {
    std::set<std::string> seen;
    for (const auto& [digest, paths] : block) {
      if (!seen.insert(lower_hex(digest)).second) {
        say(code, "a digest stands twice: " + shortened(digest));
      }
    }
  }

  /// No path twice, none the beginning of another.
  void without_conflict(const OcflPathsByDigest& block, std::string_view code) {
    std::set<std::string, std::less<>> all;
    for (const auto& [digest, paths] : block) {
      for (const auto& path : paths) {
        if (!all.insert(path).second) say(code, "a path stands twice: " + shortened(path));
      }
    }
    for (const auto& path : all) {
      for (auto slash = path.find('/'); slash != std::string::npos;
           slash = path.find('/', slash + 1)) {
        if (slash > 0 && all.contains(std::string_view(path).substr(0, slash))) {
          say(code, "a file is a folder, too: " + shortened(path.substr(0, slash)));
        }
      }
    }
  }

  void content_paths(const OcflPathsByDigest& block) {
    for (const auto& [digest, paths] : block) {
      for (const auto& path : paths) {
        if (ends_or_begins_with_slash(path)) say("E100", "a slash at an end: " + shortened(path));
        if (!is_plain_path(path)) say("E099", "no plain path: " + shortened(path));
      }
    }
    without_conflict(block, "E101");
  }

  void read_manifest(const json::object& object) {
    const auto* value = object.if_contains("manifest");
    if (value == nullptr) {
      say("E041", "no manifest");
      return;
    }
    inventory_.manifest = paths_by_digest(*value, value->is_object() ? "E092" : "E106");
    digests_once(inventory_.manifest, "E096");
    content_paths(inventory_.manifest);
    const auto folder = inventory_.content_folder();
    for (const auto& [digest, paths] : inventory_.manifest) {
      for (const auto& path : paths) {
        const auto slash = path.find('/');
        const auto version = path.substr(0, slash);
        if (ocfl_version_number(version) < 1 || slash == std::string::npos ||
            path.compare(slash + 1, folder.size() + 1, folder + "/") != 0) {
          say("E042", "not in the content folder of a version: " + shortened(path));
        }
      }
    }
  }

  void read_versions(const json::object& object) {
    const auto* value = object.if_contains("versions");
    if (value == nullptr) {
      say("E041", "no versions");
      say("E043", "no versions");
      return;
    }
    if (!value->is_object()) {
      say("E044", "versions is no object");
      return;
    }
    for (const auto& [name, version] : value->get_object()) {
      if (ocfl_version_number(name) < 1) {
        say("E046", "not the name of a version: " + shortened(name));
        say(name.starts_with('v') ? "E105" : "E104",
            "not the name of a version: " + shortened(name));
      } else {
        inventory_.versions[std::string(name)] = read_version(name, version);
      }
    }
    judge_version_names();
    judge_head();
    std::unordered_set<std::string> used;
    for (const auto& [name, version] : inventory_.versions) {
      for (const auto& [digest, paths] : version.state) used.insert(digest);
    }
    for (const auto& [digest, paths] : inventory_.manifest) {
      if (!used.contains(digest)) say("E107", "no version uses " + shortened(digest));
    }
  }

  void judge_version_names() {
    if (inventory_.versions.empty()) {
      say("E008", "no version");
      return;
    }
    std::map<int, std::string> by_number;
    for (const auto& [name, version] : inventory_.versions) {
      if (!by_number.emplace(ocfl_version_number(name), name).second) {
        say("E012", "a version stands twice: " + name);
      }
    }
    const auto& first = by_number.begin()->second;
    if (by_number.begin()->first != 1) say("E009", "the first version is " + first);
    int expected = by_number.begin()->first;
    for (const auto& [number, name] : by_number) {
      if (number != expected) say("E010", "before " + name + " a version is missing");
      expected = number + 1;
      const bool is_padded = is_padded_version(name);
      if (is_padded == is_padded_version(first) && (!is_padded || name.size() == first.size())) {
        continue;
      }
      if (is_padded_version(first) && !is_padded) say("E011", "not padded with a zero: " + name);
      say("E012", "named in another way than " + first + ": " + name);
      say("E013", "named in another way than " + first + ": " + name);
    }
    if (is_padded_version(first) && warnings_ == OcflWarnings::all) {
      say("W001", "names of versions are padded with zeros");
    }
  }

  void judge_head() {
    if (inventory_.head.empty() || inventory_.versions.empty()) return;
    const auto highest = std::ranges::max_element(inventory_.versions, {}, [](const auto& version) {
      return ocfl_version_number(version.first);
    });
    if (inventory_.head != highest->first) {
      say("E040",
          "head is " + shortened(inventory_.head) + ", the newest version " + highest->first);
    }
  }

  OcflVersion read_version(std::string_view name, const json::value& value) {
    OcflVersion version;
    if (!value.is_object()) {
      say("E047", "no object: " + std::string(name));
      return version;
    }
    const auto& object = value.get_object();
    for (const auto& member : object) {
      constexpr std::array<std::string_view, 4> known{"created", "state", "message", "user"};
      refuse_unknown(known, member.key());
    }
    read_created(name, object, version);
    read_message(name, object, version);
    read_user(name, object, version);
    const auto* state = object.if_contains("state");
    if (state == nullptr) {
      say("E048", "no state: " + std::string(name));
      return version;
    }
    version.state = paths_by_digest(*state, state->is_object() ? "E051" : "E050");
    judge_state(name, version.state);
    return version;
  }

  void judge_state(std::string_view name, const OcflPathsByDigest& state) {
    for (const auto& [digest, paths] : state) {
      if (!inventory_.manifest.contains(digest)) {
        say("E050",
            std::string(name) + " has a digest that is not in the manifest: " + shortened(digest));
      }
      for (const auto& path : paths) {
        if (ends_or_begins_with_slash(path)) say("E053", "a slash at an end: " + shortened(path));
        if (!is_plain_path(path)) say("E052", "no plain path: " + shortened(path));
      }
    }
    without_conflict(state, "E095");
  }

  void read_created(std::string_view name, const json::object& object, OcflVersion& version) {
    const auto* created = object.if_contains("created");
    if (created == nullptr) {
      say("E048", "no time of creation: " + std::string(name));
      return;
    }
    version.created = *created;
    if (!created->is_string() || !instant_from_rfc3339(created->get_string())) {
      say("E049", "the time of creation is not of RFC 3339: " + std::string(name));
    }
  }

  void read_message(std::string_view name, const json::object& object, OcflVersion& version) {
    const auto* message = object.if_contains("message");
    if (message != nullptr) version.message = *message;
    if (message != nullptr && !message->is_string()) {
      say("E094", "the message is no text: " + std::string(name));
    }
    const bool lacks = message == nullptr || object.if_contains("user") == nullptr;
    if (lacks && warnings_ == OcflWarnings::all) {
      say("W007", "no message or no user: " + std::string(name));
    }
  }

  void read_user(std::string_view name, const json::object& object, OcflVersion& version) {
    const auto* user = object.if_contains("user");
    if (user == nullptr) return;
    version.user = *user;
    const auto* its_name = user->is_object() ? user->get_object().if_contains("name") : nullptr;
    if (its_name == nullptr || !its_name->is_string() || its_name->get_string().empty()) {
      say("E054", "the user has no name: " + std::string(name));
    }
    if (!user->is_object()) return;
    for (const auto& member : user->get_object()) {
      refuse_unknown(std::array<std::string_view, 2>{"name", "address"}, member.key());
    }
    if (warnings_ != OcflWarnings::all) return;
    const auto* address = user->get_object().if_contains("address");
    if (address == nullptr) {
      say("W008", "the user has no address: " + std::string(name));
    } else if (!address->is_string() || !is_ocfl_uri(address->get_string())) {
      say("W009", "the user's address is no URI: " + std::string(name));
    }
  }

  void read_fixity(const json::object& object) {
    const auto* value = object.if_contains("fixity");
    if (value == nullptr) return;
    if (!value->is_object()) {
      say("E111", "fixity is no object");
      return;
    }
    for (const auto& [algorithm, block] : value->get_object()) {
      const std::string name(algorithm);
      auto paths = paths_by_digest(block, "E057");
      digests_once(paths, "E097");
      content_paths(paths);
      if (can_digest(name)) {
        inventory_.fixity[name] = std::move(paths);
      } else if (std::ranges::find(ignored_algorithms, name) == ignored_algorithms.end()) {
        say("E056", "not an algorithm of the specification or an extension: " + shortened(name));
      }
    }
  }

  std::string_view where_;
  OcflWarnings warnings_;
  OcflReport& report_;
  OcflInventory inventory_;
};

}  // namespace

int ocfl_version_number(std::string_view name) {
  if (!name.starts_with('v') || name.size() > 9) return 0;
  int number = 0;
  const auto digits = name.substr(1);
  const auto read = std::from_chars(digits.begin(), digits.end(), number);
  return read.ec == std::errc() && read.ptr == digits.end() && number > 0 ? number : 0;
}

bool is_ocfl_uri(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) return false;
  if (colon + 1 == text.size()) return false;
  return std::ranges::all_of(text.substr(0, colon), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

std::optional<OcflInventory> read_ocfl_inventory(std::string_view text, std::string_view where,
                                                 OcflWarnings warnings, OcflReport& report) {
  json::error_code error;
  const auto value = json::parse(text, error, {}, options());
  if (error || !value.is_object() || !is_utf8(text)) {
    report.add("E033", where, "not a JSON object in UTF-8 of the structure of an inventory");
    return std::nullopt;
  }
  if (has_a_key_twice(text)) report.add("E033", where, "an object has the same key twice");
  return InventoryReader(where, warnings, report).read(value.get_object());
}

}  // namespace khochung::storage
