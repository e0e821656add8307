#include "indexer/pipeline/proposals.hpp"

#include <filesystem>

#include "indexer/pipeline/handling.hpp"
#include "indexer/text/vietnamese.hpp"

namespace khochung::pipeline {
namespace {

void fill_if_empty(std::string& field, const std::string& value) {
  if (field.empty()) field = value;
}

}  // namespace

Proposals proposals_from(std::string_view media_type, const std::string& first_page,
                         const std::string& last_page) {
  Proposals proposals;
  proposals.facts = text::read_official_document(first_page, last_page);
  proposals.title = text::propose_title(
      proposals.facts, is_table(media_type) ? std::string_view() : std::string_view(first_page));
  proposals.language = text::guess_language(first_page);
  return proposals;
}

std::string issuer_as_known(std::string issuer, const UnitTree& tree, UnitId owner) {
  const auto* own = tree.find(owner);
  if (issuer.empty() || own == nullptr) return issuer;
  const auto folded = text::folded_form(issuer);
  for (const auto number : tree.chain_above(own->number)) {
    const auto* unit = tree.find(number);
    if (unit != nullptr && text::folded_form(unit->name_vi) == folded) return unit->name_vi;
  }
  return issuer;
}

std::string title_from_name(const Material& material) {
  return material.files.empty()
             ? std::string()
             : std::filesystem::path(material.files.front().name).stem().string();
}

void fill_in(Material& material, const Proposals& proposals) {
  fill_if_empty(material.number, proposals.facts.number);
  fill_if_empty(material.issuer, proposals.facts.issuer);
  fill_if_empty(material.date, proposals.facts.date);
  fill_if_empty(material.kind, proposals.facts.kind);
  fill_if_empty(material.signer, proposals.facts.signer);
  fill_if_empty(material.description, proposals.facts.subject);
  fill_if_empty(material.language, proposals.language);
  const bool has_own_title = !material.title.empty() && material.title != title_from_name(material);
  if (!has_own_title)
    material.title = proposals.title.empty() ? title_from_name(material) : proposals.title;
}

}  // namespace khochung::pipeline
