#include "server/pages/kit_form.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <vector>

#include "server/pages/choices.hpp"

namespace khochung::pages {
namespace {

using boost::json::object;

/// The values of fields of one name, in their order, with line ends as the archive keeps them.
std::vector<std::string> all_of(const SentForm& sent, const std::string& name) {
  std::vector<std::string> values;
  const auto [first, last] = sent.equal_range(name);
  for (auto at = first; at != last; ++at) {
    values.push_back(at->second);
    std::erase(values.back(), '\r');
  }
  return values;
}

std::string one_of(const SentForm& sent, const std::string& name) {
  const auto values = all_of(sent, name);
  return values.empty() ? std::string() : values.front();
}

std::string_view up_to(std::string_view& rest, char end) {
  const auto part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

/// "ROW MATERIAL FILE", as a row's hidden field says it.
Result<KitItem> item_from(std::string_view row) {
  up_to(row, ' ');
  KitItem item;
  item.material = KHOCHUNG_TRY(MaterialId::parse(up_to(row, ' ')));
  item.file = KHOCHUNG_TRY(Digest::parse(row));
  return item;
}

Result<std::vector<KitItem>> items_from(const SentForm& sent) {
  const auto rows = all_of(sent, "item");
  auto captions = all_of(sent, "caption");
  auto credits = all_of(sent, "credit");
  auto terms = all_of(sent, "item_terms");
  if (captions.size() != rows.size() || credits.size() != rows.size() ||
      terms.size() != rows.size())
    return fail(ErrorCode::bad_input, "items: a row lacks a field");
  if (rows.size() > Kit::most_items) return fail(ErrorCode::too_large, "too many items");
  std::vector<KitItem> items;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    items.push_back(KHOCHUNG_TRY(item_from(rows[i])));
    items.back().caption = std::move(captions[i]);
    items.back().credit = std::move(credits[i]);
    items.back().terms = std::move(terms[i]);
  }
  return items;
}

Result<std::vector<KitQuote>> quotes_from(const SentForm& sent) {
  auto texts = all_of(sent, "quote");
  auto speakers = all_of(sent, "speaker");
  if (texts.size() != speakers.size())
    return fail(ErrorCode::bad_input, "quotes: a row lacks a field");
  if (texts.size() > Kit::most_quotes) return fail(ErrorCode::too_large, "too many quotes");
  std::vector<KitQuote> quotes;
  for (std::size_t i = 0; i < texts.size(); ++i)
    quotes.push_back({std::move(texts[i]), std::move(speakers[i])});
  return quotes;
}

/// Where the row of that name stands; `count` where none has it.
std::size_t place_of(const SentForm& sent, std::string_view name, std::size_t count) {
  const auto rows = all_of(sent, "item");
  const auto found = std::ranges::find_if(
      rows, [&](const auto& row) { return row.substr(0, row.find(' ')) == name; });
  return std::min(count, static_cast<std::size_t>(found - rows.begin()));
}

KitMove move_item(std::vector<KitItem>& items, std::size_t from, bool is_up) {
  const bool is_at_end = is_up ? from == 0 : from + 1 == items.size();
  if (is_at_end) return {KitMove::What::moved, from, is_up};
  const auto to = is_up ? from - 1 : from + 1;
  std::swap(items[from], items[to]);
  return {KitMove::What::moved, to, is_up};
}

KitMove remove_quote(std::vector<KitQuote>& quotes, std::string_view place) {
  std::size_t at = 0;
  const auto read = std::from_chars(place.data(), place.data() + place.size(), at);
  if (read.ec != std::errc() || at >= quotes.size()) return {};
  quotes.erase(quotes.begin() + static_cast<std::ptrdiff_t>(at));
  return {KitMove::What::quote_removed, at};
}

std::vector<KitQuote> said_ones(std::vector<KitQuote> quotes) {
  std::erase_if(quotes,
                [](const KitQuote& quote) { return quote.text.empty() && quote.speaker.empty(); });
  return quotes;
}

}  // namespace

KitForm form_of(const Material& kit, std::string unit) {
  KitForm form;
  form.title = kit.title;
  form.unit = std::move(unit);
  form.visibility = to_text(kit.visibility);
  if (kit.embargo_until) form.embargo = local_field(to_rfc3339(*kit.embargo_until));
  form.terms = kit.terms;
  form.content = kit.kit->draft;
  form.revision = kit.revision;
  return form;
}

Result<KitForm> kit_form_from(const SentForm& sent) {
  KitForm form{one_of(sent, "title"),
               one_of(sent, "unit"),
               one_of(sent, "visibility"),
               one_of(sent, "embargo"),
               one_of(sent, "terms"),
               {},
               0,
               one_of(sent, "find"),
               one_of(sent, "note")};
  form.content.release = one_of(sent, "release");
  form.content.contact = one_of(sent, "contact");
  form.content.quotes = KHOCHUNG_TRY(quotes_from(sent));
  form.content.items = KHOCHUNG_TRY(items_from(sent));
  const auto revision = one_of(sent, "revision");
  const auto read =
      std::from_chars(revision.data(), revision.data() + revision.size(), form.revision);
  if (read.ec != std::errc() || form.revision < 0)
    return fail(ErrorCode::precondition_required, "the form names no revision");
  return form;
}

KitMove do_in_form(KitForm& form, const SentForm& sent, std::string_view button) {
  auto& [release, quotes, contact, items] = form.content;
  const auto what = up_to(button, ' ');
  if (what == "add_quote" && quotes.size() < Kit::most_quotes) {
    quotes.emplace_back();
    return {KitMove::What::quote_added, quotes.size() - 1};
  }
  if (what == "remove_quote") return remove_quote(quotes, button);
  const auto place = place_of(sent, button, items.size());
  if (place == items.size()) return {};
  if (what == "up" || what == "down") return move_item(items, place, what == "up");
  if (what != "remove") return {};
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(place));
  return {KitMove::What::removed, place};
}

KitForm merged(const KitForm& mine, const KitForm& seen, const KitForm& newest) {
  auto result = mine;
  const auto take = [&](auto part) {
    if (part(result) == part(seen)) part(result) = part(newest);
  };
  take([](auto& form) -> auto& { return form.title; });
  take([](auto& form) -> auto& { return form.unit; });
  take([](auto& form) -> auto& { return form.visibility; });
  take([](auto& form) -> auto& { return form.embargo; });
  take([](auto& form) -> auto& { return form.terms; });
  take([](auto& form) -> auto& { return form.content.release; });
  take([](auto& form) -> auto& { return form.content.quotes; });
  take([](auto& form) -> auto& { return form.content.contact; });
  take([](auto& form) -> auto& { return form.content.items; });
  result.revision = newest.revision;
  return result;
}

Result<object> changes_in(const KitForm& form, const KitForm& kept) {
  object body;
  const auto add = [&](const char* name, const std::string& value, const std::string& before) {
    if (value != before) body[name] = value;
  };
  add("title", form.title, kept.title);
  add("unit", form.unit, kept.unit);
  add("visibility", form.visibility, kept.visibility);
  add("terms", form.terms, kept.terms);
  if (form.embargo != kept.embargo)
    body["embargo_until"] =
        form.embargo.empty() ? "" : to_rfc3339(KHOCHUNG_TRY(instant_of_field(form.embargo)));
  auto content = form.content;
  content.quotes = said_ones(std::move(content.quotes));
  const auto before = to_json(kept.content);
  for (const auto& [name, value] : to_json(content)) {
    if (value != before.at(name)) body[name] = value;
  }
  return body;
}

}  // namespace khochung::pages
