#include "indexer/pipeline/scrubber.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <utility>

#include "indexer/pipeline/quick_reader.hpp"
#include "schemas/json_reader.hpp"

namespace khochung::pipeline {
namespace {

using storage::Damage;
using storage::FixityReport;

constexpr int slices = 256;
constexpr std::string_view upkeep_name = "scrub";
constexpr std::chrono::milliseconds longest_nap{60'000};
constexpr std::chrono::milliseconds pause_after_trouble{60'000};

/// The task that makes a derivative again; nothing for what is made when it is asked for.
std::optional<Task> task_for(std::string_view name) {
  if (name == "reading") return Task::read;
  if (name == "layout.pdf") return Task::layout;
  if (name == "thumbnail.jpg" || name == "light.jpg") return Task::pictures;
  return std::nullopt;
}

/// Of a database that is too damaged to be checked nothing more is known than that.
Result<void> take_in(const Result<storage::CheckedPages>& checked, const std::string& kind,
                     const storage::FixityOptions& options, FixityReport& report) {
  if (!checked && checked.error().code != ErrorCode::corrupt) return fail(checked.error());
  if (!checked) {
    report.corrupt.push_back({kind, "", kind + ".sqlite", "", ""});
    return {};
  }
  constexpr std::int64_t page_bytes = storage::checked_pages::page_bytes;
  report.checked += checked->pages;
  report.bytes += checked->pages * page_bytes;
  for (const auto page : checked->damaged)
    report.corrupt.push_back({kind, "page " + std::to_string(page), checked->file, "", ""});
  if (options.pace) options.pace(static_cast<std::uint64_t>(checked->pages * page_bytes));
  return {};
}

void append(FixityReport& report, FixityReport more) {
  report.checked += more.checked;
  report.bytes += more.bytes;
  std::ranges::move(more.corrupt, std::back_inserter(report.corrupt));
  std::ranges::move(more.missing, std::back_inserter(report.missing));
  std::ranges::move(more.mended, std::back_inserter(report.mended));
}

void log(const Damage& damage, std::string_view what) {
  spdlog::error("{} {} is {}: {} (expected {}, found {})", damage.kind, damage.id, what,
                damage.path, damage.expected, damage.found);
}

}  // namespace

boost::json::value to_json(const ScrubState& state) {
  boost::json::object json{{"slice", state.slice},     {"began", to_rfc3339(state.began)},
                           {"checked", state.checked}, {"bytes", state.bytes},
                           {"damaged", state.damaged}, {"last_damaged", state.last_damaged},
                           {"mended", state.mended},   {"last_mended", state.last_mended}};
  json["last_round_ended"] =
      state.last_round_ended ? boost::json::value(to_rfc3339(*state.last_round_ended)) : nullptr;
  return json;
}

ScrubState scrub_state_from(std::string_view text) {
  boost::json::error_code error;
  const auto json = boost::json::parse(text, error);
  ScrubState state;
  const JsonReader read(json);
  const auto began = instant_from_rfc3339(read.string("began"));
  if (!began) {
    state.began = now();
    return state;
  }
  state.began = *began;
  state.slice = std::clamp(static_cast<int>(read.integer("slice")), 0, slices - 1);
  state.checked = read.integer("checked");
  state.bytes = read.integer("bytes");
  state.damaged = read.integer("damaged");
  state.last_damaged = read.integer("last_damaged");
  state.mended = read.integer("mended");
  state.last_mended = read.integer("last_mended");
  if (const auto ended = instant_from_rfc3339(read.string("last_round_ended")))
    state.last_round_ended = *ended;
  return state;
}

void Scrubber::start(Settings settings) {
  settings_ = settings;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Scrubber::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

Result<ScrubState> Scrubber::state() const {
  return scrub_state_from(KHOCHUNG_TRY(catalogue_.upkeep(upkeep_name)));
}

void Scrubber::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto stepped = step(stop);
    if (stepped || stop.stop_requested()) continue;
    spdlog::error("the scrub does not go on: {}", stepped.error().message);
    rests_.rest(stop, pause_after_trouble);
  }
}

/// Slices are spread evenly over the period; one that is late is checked at once.
Instant Scrubber::due(const ScrubState& state) const {
  const std::chrono::milliseconds period = settings_.period;
  return state.began + period * state.slice / slices;
}

Result<void> Scrubber::step(const std::stop_token& stop) {
  auto state = KHOCHUNG_TRY(this->state());
  // A clock that was set back must not put the next slice off for years.
  if (state.began > now()) state.began = now();
  if (const auto wait = due(state) - now(); wait > std::chrono::milliseconds(0)) {
    rests_.rest(stop, std::min<std::chrono::milliseconds>(wait, longest_nap));
    return {};
  }
  const auto report = KHOCHUNG_TRY(check_slowly(static_cast<std::uint8_t>(state.slice), stop));
  return note(std::move(state), report);
}

Result<FixityReport> Scrubber::check_slowly(std::uint8_t slice, const std::stop_token& stop) {
  auto last = std::chrono::steady_clock::now();
  storage::FixityOptions options;
  options.pace = [&](std::uint64_t) {
    const auto read = std::chrono::steady_clock::now() - last;
    const auto rest = read * ((1.0 - settings_.share) / settings_.share);
    rests_.rest(stop, std::chrono::ceil<std::chrono::milliseconds>(rest));
    last = std::chrono::steady_clock::now();
  };
  return check(slice, options, stop);
}

Result<void> Scrubber::note(ScrubState state, const FixityReport& report) {
  state.checked += report.checked;
  state.bytes += report.bytes;
  state.damaged += static_cast<std::int64_t>(report.corrupt.size() + report.missing.size());
  state.mended += static_cast<std::int64_t>(report.mended.size());
  if (++state.slice == slices) {
    const auto ended = state;
    state = ScrubState{};
    state.began = now();
    state.last_round_ended = state.began;
    state.last_damaged = ended.damaged;
    state.last_mended = ended.mended;
  }
  return catalogue_.set_upkeep(upkeep_name, boost::json::serialize(to_json(state)));
}

Result<FixityReport> Scrubber::check(std::uint8_t slice, const storage::FixityOptions& options,
                                     const std::stop_token& stop) {
  FixityReport report;
  if (options.reading == storage::FixityOptions::Reading::everything) {
    KHOCHUNG_CHECK(take_in(catalogue_.check_pages(slice), "catalogue", options, report));
    KHOCHUNG_CHECK(take_in(accounts_.check_pages(slice), "accounts", options, report));
  }
  append(report, KHOCHUNG_TRY(index_.check(slice, options)));
  auto store = check_store(slice, options, stop);
  if (store) {
    append(report, *std::move(store));
  } else if (store.error().code == ErrorCode::corrupt) {
    // What the store has is told by its own reports: this is the catalogue.
    report.corrupt.push_back({"catalogue", "", "catalogue.sqlite", "", ""});
  } else {
    return store;
  }
  for (const auto& damage : report.missing) log(damage, "missing");
  for (const auto& damage : report.corrupt) log(damage, "damaged");
  return report;
}

Result<FixityReport> Scrubber::check_store(std::uint8_t slice,
                                           const storage::FixityOptions& options,
                                           const std::stop_token& stop) {
  auto report = KHOCHUNG_TRY(check_.check_slice(slice, options, stop));
  for (const auto& damage : report.corrupt) {
    if (damage.kind == "derivative" || damage.kind == "torn") KHOCHUNG_CHECK(make_again(damage));
  }
  KHOCHUNG_CHECK(mend(report));
  return report;
}

/// What comes back from another copy is moved to the list of what was mended.
Result<void> Scrubber::mend(FixityReport& report) {
  for (auto* damages : {&report.corrupt, &report.missing}) {
    std::vector<Damage> left;
    for (auto& damage : *damages) {
      bool is_mended = false;
      if (damage.kind == "blob") {
        const auto sha256 = KHOCHUNG_TRY(Digest::parse(damage.id));
        is_mended = KHOCHUNG_TRY(blobs_.mend(sha256));
      }
      (is_mended ? report.mended : left).push_back(std::move(damage));
    }
    *damages = std::move(left);
  }
  return {};
}

/// What can be made again is not mended: the damaged file goes, and its maker is asked.
Result<void> Scrubber::make_again(const Damage& derivative) {
  const auto dot = derivative.id.find('.');
  const auto source = KHOCHUNG_TRY(Digest::parse(derivative.id.substr(0, dot)));
  const auto name = derivative.id.substr(dot + 1);
  KHOCHUNG_CHECK(storage::DerivativeStore::remove({derivative.path, source, name, 0}));
  const auto task = task_for(name);
  const auto holders = KHOCHUNG_TRY(catalogue_.with_blob(source));
  if (!task || holders.empty()) return {};
  return catalogue_.add_job(
      {0, lane_of(*task), std::string(to_text(*task)), holders.front(), 0, false});
}

}  // namespace khochung::pipeline
