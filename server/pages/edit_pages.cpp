#include "server/pages/edit_pages.hpp"

#include <array>
#include <boost/json.hpp>

#include "schemas/material.hpp"
#include "schemas/rights.hpp"
#include "server/pages/choices.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/links.hpp"
#include "server/pages/template_engine.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/words.hpp"

namespace khochung::pages {
namespace {

using boost::json::array;
using boost::json::object;

enum class Form { line, lines, day, kind, concepts, consent };

struct EditedField {
  std::string_view name;
  Form form;
};

constexpr auto fields = std::to_array<EditedField>({{"title", Form::line},
                                                    {"description", Form::lines},
                                                    {"kind", Form::kind},
                                                    {"date", Form::line},
                                                    {"number", Form::line},
                                                    {"issuer", Form::line},
                                                    {"signer", Form::line},
                                                    {"theme", Form::concepts},
                                                    {"audience", Form::concepts},
                                                    {"channel", Form::concepts},
                                                    {"format", Form::concepts},
                                                    {"language", Form::line},
                                                    {"credit", Form::line},
                                                    {"terms", Form::lines},
                                                    {"licence_until", Form::day},
                                                    {"consent", Form::consent},
                                                    {"consent_until", Form::day}});

array consent_choices(const std::string& chosen, Language language) {
  array views{object{{"value", ""}, {"label", text(language, "edit.consent.unknown")}}};
  for (const auto value : {rights::given, rights::not_needed, rights::withdrawn})
    views.push_back(object{{"value", value},
                           {"label", text(language, "edit.consent." + std::string(value))},
                           {"is_chosen", value == chosen}});
  return views;
}

object field_view(const EditedField& field, const std::string& value, const ConceptChoices& choices,
                  Language language) {
  const auto* info = find_field(field.name);
  const auto how = "edit.how." + std::string(field.name);
  object view{{"name", field.name},
              {"label", language == Language::english ? info->label_en : info->label_vi},
              {"how", has_text(how) ? text(language, how) : std::string_view()},
              {"value", value},
              {"is_line", field.form == Form::line},
              {"is_lines", field.form == Form::lines},
              {"is_day", field.form == Form::day},
              {"is_required", field.name == "title"}};
  if (field.form == Form::kind)
    view["choices"] = kind_choices(*choices.at("kind"), value, language);
  if (field.form == Form::concepts)
    view["boxes"] =
        concept_boxes(field.name, *choices.at(std::string(field.name)), value, language);
  if (field.form == Form::consent) view["choices"] = consent_choices(value, language);
  view["has_choices"] = view.contains("choices");
  return view;
}

}  // namespace

std::vector<std::string_view> edited_fields() {
  std::vector<std::string_view> names;
  for (const auto& field : fields) names.push_back(field.name);
  return names;
}

std::string edit_page(const PageContext& context, const EditView& view,
                      const ConceptChoices& choices) {
  const auto language = context.language;
  array views;
  for (const auto& field : fields) {
    const auto value = view.fields.find(std::string(field.name));
    views.push_back(field_view(field, value == view.fields.end() ? std::string() : value->second,
                               choices, language));
  }
  const object shown{{"csrf", context.csrf_token},
                     {"address", "/m/" + encoded(view.id) + "/edit"},
                     {"material_address", material_address(view.id, "", 1)},
                     {"title", view.title},
                     {"revision", view.revision},
                     {"error", view.error},
                     {"fields", std::move(views)}};
  Frame frame;
  frame.tab_title = text(language, "edit.title");
  frame.is_hidden_from_robots = true;
  frame.second_style = "officer.css";
  return in_frame(context, frame, render("edit", shown, language));
}

}  // namespace khochung::pages
