#include "server/pages/vocabulary_site.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "schemas/utf8.hpp"
#include "server/api/preservation.hpp"
#include "server/http/encoding.hpp"
#include "server/pages/visit.hpp"
#include "server/pages/vocabulary_pages.hpp"

namespace khochung::pages {
namespace {

using http::Method;
using http::Response;

Result<Response> list(const Visit& visit) {
  std::vector<Vocabulary> all;
  for (const auto& info : vocabularies)
    all.push_back(*KHOCHUNG_TRY(visit.services.vocabularies.find(info.name)).vocabulary);
  return page(200, vocabularies_page(context_of(visit), all));
}

/// `?edit=ID` asks for the form of a concept, `?edit=` for that of a further one.
Result<Response> show(const Visit& visit) {
  const auto kept = KHOCHUNG_TRY(visit.services.vocabularies.find(visit.request.parameter("name")));
  VocabularyView view{*kept.vocabulary, kept.revision, false, {}, false, false, {}};
  view.may_edit = api::is_caretaker(visit.services, visit.identity.viewer);
  view.is_saved = visit.request.query_value("done") == "saved";
  const auto is_edit = [](const auto& one) { return one.first == "edit"; };
  if (view.may_edit && std::ranges::any_of(visit.request.query, is_edit)) {
    const auto* chosen = kept.vocabulary->find(visit.request.query_value("edit"));
    view.is_new = chosen == nullptr;
    view.typed = chosen == nullptr ? Concept() : *chosen;
  }
  return page(200, vocabulary_page(context_of(visit), view));
}

/// Lines of a form, without carriage returns and blanks at their ends.
std::string lines_from(const std::string& typed) {
  std::string lines;
  for (std::size_t begin = 0; begin < typed.size();) {
    const auto end = std::min(typed.find('\n', begin), typed.size());
    auto line = typed.substr(begin, end - begin);
    line.erase(0, std::min(line.find_first_not_of(" \t\r"), line.size()));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty()) lines += (lines.empty() ? "" : "\n") + line;
    begin = end + 1;
  }
  return lines;
}

Concept concept_from(const Form& form) {
  Concept typed;
  typed.id = form_value(form, "id");
  typed.label = {lines_from(form_value(form, "label_vi")),
                 lines_from(form_value(form, "label_en"))};
  typed.also = {lines_from(form_value(form, "also_vi")), lines_from(form_value(form, "also_en"))};
  typed.note = {lines_from(form_value(form, "note_vi")), lines_from(form_value(form, "note_en"))};
  typed.code = lines_from(form_value(form, "notation"));
  typed.broader = form_value(form, "broader");
  typed.is_retired = form_value(form, "retired") == "1";
  return typed;
}

int revision_from(const Form& form) {
  const auto text = form_value(form, "revision");
  int revision = -1;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}

/// The vocabulary with that concept in it, checked as if it came from outside.
Result<Vocabulary> with_concept(const pipeline::Vocabularies::Kept& kept, const Concept& typed,
                                const Form& form) {
  const auto& before = *kept.vocabulary;
  if (kept.revision != revision_from(form))
    return fail(ErrorCode::precondition_failed, "it was edited meanwhile");
  if (form_value(form, "is_new") == "1" && before.find(typed.id) != nullptr)
    return fail(ErrorCode::bad_input, "concept_wrong", "stands already: " + typed.id);
  auto after = before;
  const auto place = std::ranges::find(after.concepts, typed.id, &Concept::id);
  if (place == after.concepts.end()) {
    after.concepts.push_back(typed);
  } else {
    *place = typed;
  }
  const boost::json::value json = to_json(after);
  return vocabulary_from_json(before.name, json);
}

Result<Response> save(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto& viewer = visit.identity.viewer;
  if (!api::is_caretaker(visit.services, viewer))
    return fail(ErrorCode::forbidden, "not an administrator of the whole tree");
  for (const auto& [name, typed] : form) {
    if (!is_utf8(typed)) return fail(ErrorCode::bad_input, "not UTF-8");
  }
  const auto kept = KHOCHUNG_TRY(visit.services.vocabularies.find(visit.request.parameter("name")));
  const auto typed = concept_from(form);
  const auto after = with_concept(kept, typed, form);
  const auto saved = after ? visit.services.vocabularies.set(
                                 *after, revision_from(form),
                                 {viewer.name, "web", pipeline::reason_of("vocabulary_edited")})
                           : Result<pipeline::Vocabularies::Kept>(fail(after.error()));
  const auto address = "/vocabularies/" + http::percent_encode(kept.vocabulary->name);
  if (saved) return Response::redirect(address + "?done=saved");
  VocabularyView view{*kept.vocabulary, kept.revision, true, typed, false, false, {}};
  view.is_new = form_value(form, "is_new") == "1";
  const bool is_late = saved.error().code == ErrorCode::precondition_failed;
  view.error = is_late ? sentence("vocabulary_revised", visit.language)
                       : sentence_for(saved.error(), visit.language);
  return page(face_of(saved.error().code).http_status, vocabulary_page(context_of(visit), view));
}

}  // namespace

void add_vocabulary_pages(http::Router& router, const api::Services& services, const Site& site) {
  const auto add = [&](Method method, const char* pattern, PageHandler handler) {
    add_page(router, services, site, {method, pattern, handler});
  };
  add(Method::get, "/vocabularies", list);
  add(Method::get, "/vocabularies/{name}", show);
  add(Method::post, "/vocabularies/{name}", save);
}

}  // namespace khochung::pages
