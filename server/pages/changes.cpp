#include "server/pages/changes.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <vector>

#include "schemas/json_reader.hpp"
#include "schemas/material.hpp"
#include "server/pages/context.hpp"
#include "server/pages/format.hpp"
#include "server/pages/texts.hpp"
#include "server/pages/words.hpp"

namespace khochung::pages {
namespace {

constexpr std::size_t digits_of_a_digest = 8;
/// What a material says beside its fields.
constexpr std::array<std::string_view, 3> other_members{"notice", "hold", "part_of"};

std::string unit_of(const JsonReader& material, Language language) {
  const auto* unit = material.find("unit");
  return unit == nullptr ? std::string() : unit_name(*unit, language);
}

/// A field as it is kept, to be compared.
std::string kept(const JsonReader& material, std::string_view name) {
  const auto* unit = name == "unit" ? material.find("unit") : nullptr;
  return unit == nullptr ? material.string(name) : unit_key(*unit);
}

/// A field as people read it.
std::string shown(const JsonReader& material, std::string_view name, Language language) {
  const auto value = material.string(name);
  if (name == "unit") return unit_of(material, language);
  if (value.empty()) return {};
  if (name == "kind") return kind_of(material, language);
  if (name == "language") return language_text(value, language);
  if (find_concept_field(name) != nullptr) return concepts_text(material, name, language);
  if (name == "date") return date_text(value);
  if (name == "embargo_until") return instant_text(value);
  if (name == "state") return state_text(value, language);
  if (name == "sensitivity") return std::string(text(language, "sensitivity." + value));
  if (name == "visibility") return visibility_text(value, unit_of(material, language), language);
  return value;
}

std::string_view label_of(const FieldInfo& field, Language language) {
  return language == Language::vietnamese ? field.label_vi : field.label_en;
}

std::string_view label_of(std::string_view member, Language language) {
  return text(language, "change." + std::string(member));
}

std::string file_line(const boost::json::value& file, Language language) {
  const JsonReader read(file);
  return joined({read.string("name"), size_text(read.integer("size_bytes"), language),
                 read.string("sha256").substr(0, digits_of_a_digest)});
}

bool holds(const boost::json::value& material, const boost::json::value& file) {
  const JsonReader wanted(file);
  return std::ranges::any_of(array_of(material, "files"), [&](const boost::json::value& other) {
    const JsonReader read(other);
    return read.string("name") == wanted.string("name") &&
           read.string("sha256") == wanted.string("sha256");
  });
}

/// The files of `material` that `other` does not have, a line each.
std::string files_beyond(const boost::json::value& material, const boost::json::value& other,
                         Language language) {
  std::string lines;
  for (const auto& file : array_of(material, "files")) {
    if (holds(other, file)) continue;
    if (!lines.empty()) lines += '\n';
    lines += file_line(file, language);
  }
  return lines;
}

struct Two {
  const boost::json::value& was;
  const boost::json::value& is;
  JsonReader before{was};
  JsonReader after{is};
};

void add_change(boost::json::array& rows, std::string_view label, std::string was, std::string is) {
  rows.push_back({{"label", label}, {"was", std::move(was)}, {"is", std::move(is)}});
}

/// What the draft of a press kit says; null where it is none.
const boost::json::value& draft_of(const boost::json::value& material) {
  static const boost::json::value none;
  const auto* kit = JsonReader(material).find("kit");
  const auto* draft = kit == nullptr ? nullptr : JsonReader(*kit).find("draft");
  return draft == nullptr ? none : *draft;
}

std::string quote_lines(const boost::json::value& draft) {
  std::string lines;
  for (const auto& quote : array_of(draft, "quotes")) {
    const JsonReader read(quote);
    lines += (lines.empty() ? "" : "\n") + joined({read.string("text"), read.string("speaker")});
  }
  return lines;
}

/// A line an item: its caption, else its material's title where that is told, else a part of its
/// id.
std::string item_lines(const boost::json::value& draft) {
  std::string lines;
  int number = 0;
  for (const auto& item : array_of(draft, "items")) {
    const JsonReader read(item);
    auto name = read.string("caption");
    if (name.empty()) name = read.string("title");
    if (name.empty()) name = read.string("material").substr(0, digits_of_a_digest);
    lines += (number == 0 ? "" : "\n") + std::to_string(number + 1) + ". " +
             joined({name, read.string("credit"), read.string("terms")});
    ++number;
  }
  return lines;
}

void add_kit_changes(boost::json::array& rows, const Two& two, Language language) {
  const auto& was = draft_of(two.was);
  const auto& is = draft_of(two.is);
  const auto compare = [&](std::string_view label, std::string before, std::string after) {
    if (before != after)
      add_change(rows, label_of(label, language), std::move(before), std::move(after));
  };
  const JsonReader before(was);
  const JsonReader after(is);
  compare("kit.release", before.string("release"), after.string("release"));
  compare("kit.quotes", quote_lines(was), quote_lines(is));
  compare("kit.contact", before.string("contact"), after.string("contact"));
  compare("kit.items", item_lines(was), item_lines(is));
}

}  // namespace

boost::json::array changes_between(const boost::json::value& was, const boost::json::value& is,
                                   Language language) {
  const Two two{was, is};
  boost::json::array rows;
  const auto compare = [&](std::string_view name, std::string_view label) {
    if (kept(two.before, name) == kept(two.after, name)) return;
    add_change(rows, label, shown(two.before, name, language), shown(two.after, name, language));
  };
  for (const auto& field : material_fields) compare(field.name, label_of(field, language));
  for (const auto member : other_members) compare(member, label_of(member, language));
  auto gone = files_beyond(was, is, language);
  auto come = files_beyond(is, was, language);
  if (!gone.empty() || !come.empty())
    add_change(rows, label_of("files", language), std::move(gone), std::move(come));
  add_kit_changes(rows, two, language);
  return rows;
}

boost::json::array field_rows(const boost::json::value& material, Language language) {
  const JsonReader read(material);
  boost::json::array rows;
  const auto add = [&](std::string_view label, std::string value) {
    if (!value.empty()) rows.push_back({{"label", label}, {"value", std::move(value)}});
  };
  for (const auto& field : material_fields)
    add(label_of(field, language), shown(read, field.name, language));
  for (const auto member : other_members)
    add(label_of(member, language), shown(read, member, language));
  add(label_of("files", language), files_beyond(material, {}, language));
  return rows;
}

}  // namespace khochung::pages
