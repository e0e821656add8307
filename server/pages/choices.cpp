#include "server/pages/choices.hpp"

#include <boost/json.hpp>

#include "schemas/material.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/words.hpp"

namespace khochung::pages {

using boost::json::array;
using boost::json::object;

array unit_choices(const array& units, const std::string& chosen, Language language) {
  array views;
  for (const auto& unit : units) {
    const auto key = unit_key(unit);
    views.push_back(object{{"value", key},
                           {"label", unit_name(unit, language)},
                           {"is_chosen", key == chosen || (chosen.empty() && views.empty())}});
  }
  return views;
}

array visibility_choices(const std::string& chosen, const std::string& unit, Language language) {
  array views;
  for (const std::string choice : {"unit", "branch", "union", "press", "public"}) {
    views.push_back(object{{"value", choice},
                           {"label", text(language, "upload.visibility." + choice)},
                           {"more", visibility_text(choice, unit, language)},
                           {"is_chosen", choice == chosen}});
  }
  return views;
}

array kind_choices(const Vocabulary& kinds, const std::string& chosen, Language language) {
  array views{object{{"value", ""}, {"label", text(language, "edit.unknown")}}};
  for (auto& option : concept_options(kinds, {chosen}, language)) {
    if (!option.at("value").as_string().empty()) views.push_back(option);
  }
  return views;
}

object concept_boxes(std::string_view field, const Vocabulary& vocabulary, const std::string& ids,
                     Language language) {
  auto options = concept_options(vocabulary, concepts_in(ids), language);
  std::string chosen;
  for (const auto& option : options) {
    if (!option.at("is_chosen").as_bool()) continue;
    chosen += (chosen.empty() ? "" : "; ") + std::string(option.at("name").as_string());
  }
  return {{"field", field},
          {"chosen", chosen.empty() ? std::string(text(language, "edit.none_chosen")) : chosen},
          {"concepts", std::move(options)}};
}

std::string local_field(const std::string& rfc3339) {
  const auto written = instant_text(rfc3339);  // "23/11/2026 14:05"
  if (written.size() != 16) return {};
  return written.substr(6, 4) + "-" + written.substr(3, 2) + "-" + written.substr(0, 2) + "T" +
         written.substr(11);
}

Result<Instant> instant_of_field(const std::string& field) {
  const auto instant = instant_from_rfc3339(field + ":00+07:00");
  if (!instant) return fail(ErrorCode::bad_input, "review_embargo", "embargo: no instant");
  return *instant;
}

}  // namespace khochung::pages
