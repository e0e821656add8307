#include "server/pages/preservation_page.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

constexpr int slices = 256;
constexpr int slices_a_row = 16;
constexpr int cell = 20;  ///< px of a slice in the picture, its gap with it
constexpr int cell_without_gap = 17;
/// After which a backup is old: one a night, and one may have failed.
constexpr std::chrono::hours backup_is_old{48};
constexpr std::size_t most_listed = 20;

/// Reads the status for one page.
struct Keeping {
  const boost::json::value& status;
  Language language;
  Instant now;
  JsonReader read{status};

  [[nodiscard]] const boost::json::value& member(std::string_view name) const {
    static const boost::json::value none;
    const auto* found = read.find(name);
    return found == nullptr ? none : *found;
  }
  [[nodiscard]] std::string number(std::int64_t value) const {
    return number_text(value, language);
  }
};

/// "hôm nay", "3 ngày trước".
std::string age_text(Instant then, const Keeping& keeping) {
  const auto days = std::chrono::floor<std::chrono::days>(keeping.now - then).count();
  if (days < 1) return std::string(text(keeping.language, "preservation.age.today"));
  return text(keeping.language, "preservation.age.days", {{"days", keeping.number(days)}});
}

/// An instant with its age, or what is said without one.
std::string when_text(const std::string& at, const Keeping& keeping, std::string_view without) {
  const auto instant = instant_from_rfc3339(at);
  if (!instant) return std::string(text(keeping.language, without));
  return joined({instant_text(at), age_text(*instant, keeping)});
}

/// The 256 slices of the store, those that this round has read first: they are read in order.
boost::json::array cell_views(std::int64_t done) {
  boost::json::array views;
  for (int slice = 0; slice < slices; ++slice) {
    views.push_back({{"x", slice % slices_a_row * cell},
                     {"y", slice / slices_a_row * cell},
                     {"size", cell_without_gap},
                     {"is_done", slice < done},
                     {"is_next", slice == done}});
  }
  return views;
}

void add_round(boost::json::object& view, const Keeping& keeping) {
  const JsonReader scrub(keeping.member("scrub"));
  const auto done = std::clamp<std::int64_t>(scrub.integer("slice"), 0, slices);
  const auto days = keeping.number(scrub.integer("period_days"));
  view["cells"] = cell_views(done);
  view["picture_size"] = slices_a_row * cell;
  view["picture_says"] = text(keeping.language, "preservation.picture",
                              {{"done", keeping.number(done)}, {"all", keeping.number(slices)}});
  view["round"] = text(keeping.language, "preservation.round",
                       {{"began", instant_text(scrub.string("began"))},
                        {"files", keeping.number(scrub.integer("checked"))},
                        {"size", size_text(scrub.integer("bytes"), keeping.language)},
                        {"days", days}});
  view["last_round"] =
      when_text(scrub.string("last_round_ended"), keeping, "preservation.last_round.none");
  const auto mended = scrub.integer("mended") + scrub.integer("last_mended");
  view["mended"] = mended == 0 ? std::string(text(keeping.language, "preservation.mended.none"))
                               : text(keeping.language, "preservation.mended.some",
                                      {{"count", keeping.number(mended)}});
}

boost::json::array bad_views(const Keeping& keeping) {
  boost::json::array views;
  for (const auto& blob : array_of(keeping.status, "bad_blobs")) {
    if (views.size() == most_listed) break;
    const JsonReader read(blob);
    const auto key = "preservation.bad." + read.string("state");
    views.push_back(
        {{"sha256", read.string("sha256")},
         {"what", joined({has_text(key) ? text(keeping.language, key) : read.string("state"),
                          size_text(read.integer("size_bytes"), keeping.language),
                          instant_text(read.string("checked_at"))})}});
  }
  return views;
}

void add_verdict(boost::json::object& view, const Keeping& keeping) {
  const auto bad = array_of(keeping.status, "bad_blobs").size();
  const auto count = keeping.number(static_cast<std::int64_t>(bad));
  const bool was_checked = !JsonReader(keeping.member("scrub")).string("last_round_ended").empty();
  const auto* key = bad > 0       ? "preservation.verdict.bad"
                    : was_checked ? "preservation.verdict.well"
                                  : "preservation.verdict.first";
  view["is_bad"] = bad > 0;
  view["verdict"] = text(keeping.language, key, {{"count", count}});
  view["bad"] = bad_views(keeping);
  const auto left = bad > most_listed ? bad - most_listed : 0;
  view["bad_left"] = left == 0 ? std::string()
                               : text(keeping.language, "preservation.bad.more",
                                      {{"count", keeping.number(static_cast<std::int64_t>(left))}});
}

/// One fact, and whether it asks to be looked at.
void add_fact(boost::json::array& facts, std::string_view key, std::string value, bool is_bad,
              Language language) {
  const auto label = "preservation.fact." + std::string(key);
  facts.push_back(
      {{"label", text(language, label)}, {"value", std::move(value)}, {"is_bad", is_bad}});
}

std::string replicas_text(const Keeping& keeping) {
  const JsonReader replicas(keeping.member("replicas"));
  const auto count = replicas.integer("count");
  const auto behind = replicas.integer("slices_behind");
  if (count == 0) return std::string(text(keeping.language, "preservation.replicas.none"));
  const auto* key = behind > 0 ? "preservation.replicas.behind" : "preservation.replicas.well";
  return text(keeping.language, key,
              {{"count", keeping.number(count)}, {"behind", keeping.number(behind)}});
}

boost::json::array fact_views(const Keeping& keeping) {
  boost::json::array facts;
  const auto language = keeping.language;
  const JsonReader backup(keeping.member("last_backup"));
  const auto at = instant_from_rfc3339(backup.string("at"));
  const bool is_backup_old = !at || keeping.now - *at > backup_is_old;
  const bool is_behind = JsonReader(keeping.member("replicas")).integer("slices_behind") > 0;
  add_fact(facts, "holds",
           text(language, "preservation.holds",
                {{"materials", keeping.number(keeping.read.integer("materials"))},
                 {"files", keeping.number(keeping.read.integer("blobs"))},
                 {"size", size_text(keeping.read.integer("bytes"), language)}}),
           false, language);
  add_fact(facts, "backup", when_text(backup.string("at"), keeping, "preservation.backup.none"),
           is_backup_old, language);
  add_fact(facts, "replicas", replicas_text(keeping), is_behind, language);
  return facts;
}

}  // namespace

std::string preservation_page(const PageContext& context, const boost::json::value& status,
                              Instant now) {
  const Keeping keeping{status, context.language, now};
  boost::json::object view{{"facts", fact_views(keeping)}};
  add_verdict(view, keeping);
  add_round(view, keeping);
  view["audit"] = text(context.language, "preservation.audit",
                       {{"entries", keeping.number(keeping.read.integer("audit_entries"))}});
  Frame frame;
  frame.tab_title = text(context.language, "preservation.title");
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("preservation", view, context.language));
}

}  // namespace khochung::pages
