// Whatever is done to a chain from outside is found, and the first entry that was touched is named.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "schemas/sentences.hpp"
#include "tests/storage/audit_samples.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

/// A folder of an audit chain, in memory: name → text.
using Files = std::map<std::string, std::string>;

Files files_of(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[fs::relative(entry.path(), folder).string()] = text_of(entry.path());
    }
  }
  return files;
}

void put_files(const fs::path& folder, const Files& files) {
  fs::remove_all(folder);
  fs::create_directories(folder / "keys");
  for (const auto& [name, text] : files) write_text(folder / name, text);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string text_from(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

/// A chain of several files and months with checkpoints, in three states of keys.
struct Specimen {
  Files files;
  std::vector<std::string> names;  ///< of files of entries, in order
  AuditHead head;
  std::vector<std::uint64_t> signed_seqs;
  std::vector<std::string> checkpoint_lines;
  static constexpr std::uint64_t max_file_bytes = 3000;

  explicit Specimen(std::uint64_t entries, std::uint64_t every, bool has_second_key) {
    AuditHome home({.max_file_bytes = max_file_bytes});
    home.append_owed();
    for (auto seq = home.chain->head().seq + 1; seq <= entries; ++seq) {
      auto event = sample_event(seq, 25);
      if (has_second_key && seq == entries / 2) {
        event = home.chain->new_key(event.at).value();
        event.seq = seq;
      }
      BOOST_TEST_REQUIRE(home.chain->append({&event, 1}).has_value());
      if (seq % every == 0) BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
    }
    head = home.chain->head();
    files = files_of(home.path());
    std::vector<AuditFileName> order;
    for (const auto& [name, text] : files) {
      if (const auto parsed = AuditFileName::parse(name)) order.push_back(*parsed);
    }
    std::ranges::sort(order);
    for (const auto& name : order) names.push_back(name.text());
    checkpoint_lines = lines_of(files.at(std::string(checkpoints_name)));
    for (const auto& line : checkpoint_lines) {
      signed_seqs.push_back(checkpoint_from_line(line).value().head.seq);
    }
  }
};

/// What one tampering did: the number it touched first, where that is certain (0: it is not).
struct Deed {
  std::string what;
  std::uint64_t seq = 0;
  bool needs_known_head = false;
};

class Tamperer {
 public:
  Tamperer(const Specimen& specimen, unsigned seed)
      : specimen_(specimen), files_(specimen.files), random_(seed) {}

  Deed act() {
    static constexpr std::array deeds{
        &Tamperer::flip_a_bit,        &Tamperer::edit_and_hide,    &Tamperer::remove_an_entry,
        &Tamperer::remove_the_end,    &Tamperer::swap_two,         &Tamperer::repeat_one,
        &Tamperer::truncate,          &Tamperer::move_across,      &Tamperer::move_to_neighbour,
        &Tamperer::rename_a_file,     &Tamperer::exchange_files,   &Tamperer::delete_a_file,
        &Tamperer::damage_checkpoint, &Tamperer::forge_checkpoint, &Tamperer::drop_checkpoint,
        &Tamperer::swap_checkpoints,  &Tamperer::replace_key_file, &Tamperer::rewrite_from};
    return (this->*deeds[random_() % deeds.size()])();
  }
  [[nodiscard]] const Files& files() const { return files_; }

 private:
  std::size_t any(std::size_t count) { return random_() % count; }
  std::string& text_of_any_file() {
    name_ = specimen_.names[any(specimen_.names.size())];
    return files_[name_];
  }
  /// All entries, in order.
  [[nodiscard]] std::vector<std::string> all() const {
    std::vector<std::string> lines;
    for (const auto& name : specimen_.names) {
      for (auto& line : lines_of(specimen_.files.at(name))) lines.push_back(std::move(line));
    }
    return lines;
  }
  /// Writes changed entries back; each stays in the file that held its place before.
  void put(const std::vector<std::string>& lines) {
    std::size_t next = 0;
    for (const auto& name : specimen_.names) {
      const auto count = lines_of(specimen_.files.at(name)).size();
      files_[name].clear();
      for (std::size_t i = 0; i < count && next < lines.size(); ++i) {
        files_[name] += lines[next++] + '\n';
      }
      if (name == specimen_.names.back()) {
        for (; next < lines.size(); ++next) files_[name] += lines[next] + '\n';
      }
      if (files_[name].empty()) files_.erase(name);
    }
  }

  Deed flip_a_bit() {
    auto& text = text_of_any_file();
    const auto at = any(text.size());
    const auto old = text;
    text[at] = static_cast<char>(text[at] ^ (1 << any(8)));
    const auto line = static_cast<std::uint64_t>(
        std::count(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    return {"flip a bit of byte " + std::to_string(at) + " of " + name_, first_seq_of(old) + line,
            true};
  }
  static std::uint64_t first_seq_of(const std::string& text) {
    return link_of(lines_of(text)[0])->seq;
  }

  /// Edits an entry and makes the next one name its new digest, but none behind it.
  Deed edit_and_hide() {
    auto lines = all();
    const auto i = any(lines.size() - 2);
    auto entry = entry_from_line(lines[i]).value();
    entry.event.by = "someone else";
    lines[i] = line_of(entry);
    auto next = entry_from_line(lines[i + 1]).value();
    next.previous = Digest::of(lines[i]);
    lines[i + 1] = line_of(next);
    put_where_they_belong(lines);
    return {"edit an entry and the one behind it", 0, true};
  }
  /// Edits an entry and makes everything behind it fit: only checkpoints and what is known find it.
  Deed rewrite_from() {
    auto lines = all();
    const auto first = any(lines.size());
    for (auto i = first; i < lines.size(); ++i) {
      auto entry = entry_from_line(lines[i]).value();
      if (i == first) entry.event.detail["name"] = "khác";
      if (i > first) entry.previous = Digest::of(lines[i - 1]);
      lines[i] = line_of(entry);
    }
    put_where_they_belong(lines);
    return {"rewrite everything from an entry on", 0, true};
  }
  /// As the program itself would lay them into files.
  void put_where_they_belong(const std::vector<std::string>& lines) {
    for (const auto& name : specimen_.names) files_.erase(name);
    std::optional<AuditFileName> name;
    for (const auto& line : lines) {
      const auto month = link_of(line)->month;
      if (!name || begins_new_file(*name, files_[name->text()].size(), month, line.size() + 1,
                                   Specimen::max_file_bytes)) {
        name = name_after(name, month);
      }
      files_[name->text()] += line + '\n';
    }
  }

  Deed remove_an_entry() {
    auto lines = all();
    const auto i = any(lines.size());
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    put(lines);
    return {"remove an entry", i + 1, true};
  }
  Deed remove_the_end() {
    auto lines = all();
    const auto count = 1 + any(lines.size());
    lines.resize(lines.size() - count);
    put(lines);
    const bool with_checkpoints = any(2) == 0;
    if (with_checkpoints) {
      auto kept = specimen_.checkpoint_lines;
      std::erase_if(kept, [&](const auto& line) {
        return checkpoint_from_line(line).value().head.seq > lines.size();
      });
      files_[std::string(checkpoints_name)] = text_from(kept);
    }
    return {with_checkpoints ? "remove the end and its checkpoints" : "remove the end",
            lines.size() + 1, true};
  }
  Deed swap_two() {
    auto lines = all();
    const auto i = any(lines.size() - 1);
    const auto j = i + 1 + any(lines.size() - i - 1);
    std::swap(lines[i], lines[j]);
    put(lines);
    return {"swap two entries", i + 1};
  }
  Deed repeat_one() {
    auto lines = all();
    const auto i = any(lines.size());
    const auto to = i + 1 + any(lines.size() - i);
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(to), lines[i]);
    put(lines);
    return {"repeat an entry", to + 1};
  }
  Deed truncate() {
    auto& text = text_of_any_file();
    const auto first = first_seq_of(text);
    text.resize(any(text.size()));
    const auto whole = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    return {"truncate " + name_ + " to " + std::to_string(text.size()), first + whole, true};
  }
  Deed move_across() {
    auto& from = text_of_any_file();
    auto& to = text_of_any_file();
    auto source = lines_of(from);
    const auto i = any(source.size());
    const auto line = source[i];
    const auto seq = link_of(line)->seq;
    source.erase(source.begin() + static_cast<std::ptrdiff_t>(i));
    from = text_from(source);
    auto target = lines_of(to);
    const auto at = any(target.size() + 1);
    target.insert(target.begin() + static_cast<std::ptrdiff_t>(at), line);
    to = text_from(target);
    if (files_ == specimen_.files) return rename_a_file();
    return {"move entry " + std::to_string(seq), 0};
  }
  /// The order of the lines stays as it was; only the end of a file is elsewhere.
  Deed move_to_neighbour() {
    const auto i = any(specimen_.names.size() - 1);
    auto left = lines_of(files_[specimen_.names[i]]);
    auto right = lines_of(files_[specimen_.names[i + 1]]);
    const bool is_forward = any(2) == 0;
    const auto seq = link_of(is_forward ? left.back() : right.front())->seq;
    if (is_forward) {
      right.insert(right.begin(), left.back());
      left.pop_back();
    } else {
      left.push_back(right.front());
      right.erase(right.begin());
    }
    files_[specimen_.names[i]] = text_from(left);
    files_[specimen_.names[i + 1]] = text_from(right);
    return {"move entry " + std::to_string(seq) + " over the edge of its file", seq};
  }
  Deed rename_a_file() {
    const auto text = text_of_any_file();
    files_.erase(name_);
    const std::array names{"2026-10-1.jsonl", "2026-11-99.jsonl", "2031-01-1.jsonl",
                           "2026-11-1.jsonl.old", "x.jsonl"};
    files_[names[any(names.size())]] = text;
    return {"rename " + name_, 0, true};
  }
  Deed exchange_files() {
    const auto i = any(specimen_.names.size() - 1);
    const auto j = i + 1 + any(specimen_.names.size() - i - 1);
    auto& left = files_[specimen_.names[i]];
    const auto seq = first_seq_of(left);
    std::swap(left, files_[specimen_.names[j]]);
    return {"exchange two files", seq};
  }
  Deed delete_a_file() {
    const auto seq = first_seq_of(text_of_any_file());
    files_.erase(name_);
    return {"delete " + name_, seq, true};
  }

  std::vector<std::string> checkpoints() const { return specimen_.checkpoint_lines; }
  void put_checkpoints(const std::vector<std::string>& lines) {
    files_[std::string(checkpoints_name)] = text_from(lines);
  }
  Deed damage_checkpoint() {
    auto& text = files_[std::string(checkpoints_name)];
    const auto at = any(text.size());
    text[at] = static_cast<char>(text[at] ^ (1 << any(8)));
    return {"flip a bit of the checkpoints at " + std::to_string(at)};
  }
  /// A sound signature of another key, whose public half lies beside the others.
  Deed forge_checkpoint() {
    const auto key = SigningKey::make();
    auto lines = checkpoints();
    const auto i = any(lines.size());
    const auto original = checkpoint_from_line(lines[i]).value();
    lines[i] = line_of(signed_checkpoint(original.head, original.at, original.previous, key));
    for (auto j = i + 1; j < lines.size(); ++j) {
      auto next = checkpoint_from_line(lines[j]).value();
      lines[j] = line_of(signed_checkpoint(next.head, next.at, Digest::of(lines[j - 1]), key));
    }
    put_checkpoints(lines);
    files_["keys/" + key.fingerprint() + ".pem"] = key.public_half().pem();
    return {"forge checkpoints with another key"};
  }
  Deed drop_checkpoint() {
    auto lines = checkpoints();
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(any(lines.size() - 1)));
    put_checkpoints(lines);
    return {"drop a checkpoint before the last"};
  }
  Deed swap_checkpoints() {
    auto lines = checkpoints();
    const auto i = any(lines.size() - 1);
    const auto j = i + 1 + any(lines.size() - i - 1);
    std::swap(lines[i], lines[j]);
    put_checkpoints(lines);
    return {"swap two checkpoints"};
  }
  Deed replace_key_file() {
    const auto used = checkpoint_from_line(specimen_.checkpoint_lines[0]).value().key;
    auto& pem = files_["keys/" + used + ".pem"];
    switch (any(4)) {
      case 0: pem = SigningKey::make().public_half().pem(); break;
      case 1: pem.resize(any(pem.size())); break;
      case 2: files_.erase("keys/" + used + ".pem"); break;
      default: pem[any(pem.size())] ^= 4;
    }
    return {"replace a public key"};
  }

  const Specimen& specimen_;
  Files files_;
  std::mt19937 random_;
  std::string name_;
};

std::vector<Specimen> specimens() {
  std::vector<Specimen> all;
  all.emplace_back(90, 7, false);
  all.emplace_back(61, 20, true);
  all.emplace_back(50, 25, false);
  return all;
}

std::string source_file(const std::string& name) {
  const char* folder = std::getenv("KHOCHUNG_SOURCE_DIR");
  BOOST_TEST_REQUIRE(folder != nullptr);
  return text_of(fs::path(folder) / name);
}

/// The program that schemas/formats.md gives to whoever wants to check a chain.
std::string recipe() {
  const auto formats = source_file("schemas/formats.md");
  const auto section = formats.find("## Audit chain, version 1");
  const std::string_view fence = "```python\n";
  const auto begin = formats.find(fence, section) + fence.size();
  return formats.substr(begin, formats.find("```", begin) - begin);
}

/// Whether the recipe finds the folder whole.
bool recipe_finds_whole(const fs::path& program, const fs::path& folder) {
  const auto child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(9);
    ::execlp("python3", "python3", "-B", program.c_str(), folder.c_str(), nullptr);
    ::_exit(9);
  }
  int status = 0;
  BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST_REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) != 9));
  return WEXITSTATUS(status) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(audit)

BOOST_AUTO_TEST_CASE(three_thousand_tamperings_are_found_and_the_first_touched_entry_is_named) {
  const auto all = specimens();
  const TemporaryFolder folder;
  std::map<std::string, int> missed_without_head;
  int named = 0;
  for (const auto& specimen : all) {
    put_files(folder.path(), specimen.files);
    const AuditVerification how{.known = specimen.head, .max_file_bytes = Specimen::max_file_bytes};
    BOOST_TEST_REQUIRE(verify_audit(folder.path(), how).value().is_intact());
    BOOST_TEST_REQUIRE(specimen.names.size() >= 4U);
    for (unsigned seed = 0; seed < 1000; ++seed) {
      Tamperer tamperer(specimen, seed);
      const auto deed = tamperer.act();
      put_files(folder.path(), tamperer.files());
      const auto verdict = verify_audit(folder.path(), how).value();
      BOOST_TEST_CONTEXT("seed " << seed << ": " << deed.what << ": "
                                 << sentence_of(verdict, Language::english)) {
        BOOST_TEST(!verdict.is_intact());
        BOOST_TEST((verdict.file.empty() || verdict.line > 0));
        BOOST_TEST(sentence_of(verdict, Language::vietnamese).find('{') == std::string::npos);
        if (deed.seq != 0) {
          BOOST_TEST(verdict.seq == deed.seq);
          BOOST_TEST(verdict.proven_until < deed.seq);
          ++named;
        }
        // Without help from elsewhere only what lies behind the newest checkpoint can hide.
        const auto alone =
            verify_audit(folder.path(), {.max_file_bytes = Specimen::max_file_bytes}).value();
        if (alone.is_intact()) {
          BOOST_TEST(deed.needs_known_head);
          ++missed_without_head[deed.what.substr(0, 12)];
        }
      }
    }
  }
  for (const auto& [what, count] : missed_without_head) {
    BOOST_TEST_MESSAGE("found only with a known head: " << count << " of " << what << "…");
  }
  BOOST_TEST_MESSAGE("the first touched entry was certain, and named, " << named << " times");
  BOOST_TEST(named > 1000);
}

BOOST_AUTO_TEST_CASE(behind_the_newest_checkpoint_nothing_hides_from_one_that_was_kept_elsewhere) {
  const Specimen specimen(90, 10, false);
  const TemporaryFolder folder;
  AuditVerification how{.kept_checkpoint = specimen.checkpoint_lines.back(),
                        .max_file_bytes = Specimen::max_file_bytes};
  put_files(folder.path(), specimen.files);
  BOOST_TEST(verify_audit(folder.path(), how).value().is_intact());
  // Everything is taken back to an older day, checkpoints included.
  auto files = specimen.files;
  for (const auto& name : specimen.names) {
    auto lines = lines_of(files[name]);
    std::erase_if(lines, [](const auto& line) { return link_of(line)->seq > 60; });
    files[name] = text_from(lines);
    if (lines.empty()) files.erase(name);
  }
  auto checkpoints = specimen.checkpoint_lines;
  std::erase_if(checkpoints,
                [](const auto& line) { return checkpoint_from_line(line).value().head.seq > 60; });
  files[std::string(checkpoints_name)] = text_from(checkpoints);
  put_files(folder.path(), files);
  BOOST_TEST(verify_audit(folder.path(), {.max_file_bytes = Specimen::max_file_bytes})
                 .value()
                 .is_intact());
  const auto verdict = verify_audit(folder.path(), how).value();
  BOOST_TEST((verdict.fault == AuditFault::tail_missing));
  BOOST_TEST(verdict.seq == 61U);
  // Nor does a whole other chain with keys of its own.
  put_files(folder.path(), Specimen(90, 10, false).files);
  BOOST_TEST((verify_audit(folder.path(), how).value().fault == AuditFault::key_file));
  put_files(folder.path(), specimen.files);
  how.kept_checkpoint.replace(how.kept_checkpoint.find("\"seq\":") + 6, 1, "3");
  BOOST_TEST((verify_audit(folder.path(), how).error().code == ErrorCode::bad_input));
  how.kept_checkpoint = "{}";
  BOOST_TEST((verify_audit(folder.path(), how).error().code == ErrorCode::bad_input));
}

BOOST_AUTO_TEST_CASE(of_two_that_contradict_each_other_the_signed_one_is_believed) {
  AuditHome home;
  home.append_owed();
  BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 5)).has_value());
  for (const bool is_signed : {false, true}) {
    if (is_signed) BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
    const auto file = home.path() / "2026-11-1.jsonl";
    const auto text = text_of(file);
    write_text(file, text + line_of({sample_event(6), Digest::of("another entry")}) + '\n');
    const auto verdict = home.verify();
    BOOST_TEST((verdict.fault == AuditFault::changed));
    BOOST_TEST(verdict.seq == (is_signed ? 6U : 5U));
    BOOST_TEST(verdict.line == verdict.seq);
    write_text(file, text);
  }
}

BOOST_AUTO_TEST_CASE(a_chain_that_does_not_exist_is_whole_and_empty) {
  const TemporaryFolder folder;
  const auto verdict = verify_audit(folder.path() / "audit").value();
  BOOST_TEST(verdict.is_intact());
  BOOST_TEST(verdict.entries == 0U);
  const AuditHead known{3, Digest::of("an entry")};
  BOOST_TEST((verify_audit(folder.path() / "audit", {.known = known}).value().fault ==
              AuditFault::tail_missing));
}

BOOST_AUTO_TEST_CASE(progress_is_told_up_to_the_end) {
  const Specimen specimen(90, 10, false);
  const TemporaryFolder folder;
  put_files(folder.path(), specimen.files);
  std::uint64_t last = 0;
  std::uint64_t total = 0;
  const AuditVerification how{.max_file_bytes = Specimen::max_file_bytes,
                              .progress = [&](std::uint64_t bytes, std::uint64_t of_bytes) {
                                last = bytes;
                                total = of_bytes;
                              }};
  BOOST_TEST(verify_audit(folder.path(), how).value().bytes == total);
  BOOST_TEST(last == total);
  BOOST_TEST(total > 9000U);
}

BOOST_AUTO_TEST_CASE(the_recipe_in_formats_md_agrees_with_the_program) {
  const TemporaryFolder folder;
  const auto program = folder.path() / "recipe.py";
  const auto where = folder.path() / "audit";
  write_text(program, recipe());
  // The bound of a file is the format's own here.
  AuditHome home;
  home.append_owed();
  auto event = home.chain->new_key(sample_event(30).at).value();
  event.seq = 30;
  BOOST_TEST_REQUIRE(home.chain->append(sample_events(2, 29, 10)).has_value());
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  BOOST_TEST_REQUIRE(home.chain->append({&event, 1}).has_value());
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  auto wild = sample_event(31, 10);
  wild.by = "tab\t, quote \", slash \\ /, control \x01\x7f, 😀 \ue000";
  BOOST_TEST_REQUIRE(home.chain->append({&wild, 1}).has_value());
  BOOST_TEST_REQUIRE(home.chain->checkpoint().has_value());
  BOOST_TEST_REQUIRE(recipe_finds_whole(program, home.path()));
  const auto files = files_of(home.path());
  // Every line of every file: a byte changed in it, and it removed.
  for (const auto& [name, text] : files) {
    if (name.ends_with(".pem")) continue;
    const auto lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); i += 5) {
      const bool is_last = name == checkpoints_name && i + 1 == lines.size();
      for (int change = is_last ? 1 : 0; change < 2; ++change) {
        auto changed = lines;
        if (change == 0) changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
        if (change == 1) changed[i][changed[i].find("\"at\":\"") + 8] ^= 1;
        auto all = files;
        all[name] = text_from(changed);
        put_files(where, all);
        BOOST_TEST_CONTEXT(name << " line " << i + 1 << " change " << change) {
          BOOST_TEST(!recipe_finds_whole(program, where));
          BOOST_TEST(!verify_audit(where, {.known = home.chain->head()}).value().is_intact());
        }
      }
    }
  }
  for (const auto& [name, text] : files) {
    if (!name.ends_with(".pem")) continue;
    auto all = files;
    all[name] = SigningKey::make().public_half().pem();
    put_files(where, all);
    BOOST_TEST(!recipe_finds_whole(program, where));
  }
}

BOOST_AUTO_TEST_CASE(the_recipe_knows_the_bound_of_a_file) {
  BOOST_TEST(recipe().find(std::to_string(audit_file_bytes)) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage
