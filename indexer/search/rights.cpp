#include "indexer/search/rights.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "indexer/index/terms.hpp"

namespace khochung::search {
namespace {

/// Up to here owners are looked up as terms; a federation's thousands are compared by value.
constexpr std::size_t most_owner_terms = 64;

/// Goes over the documents whose owner is in a set.
class OwnerSource : public Xapian::ValuePostingSource {
 public:
  explicit OwnerSource(std::shared_ptr<const UnitSet> owners)
      : Xapian::ValuePostingSource(index::slot_facets), owners_(std::move(owners)) {}

  void next(double min_weight) override {
    Xapian::ValuePostingSource::next(min_weight);
    pass_over_others(min_weight);
  }
  void skip_to(Xapian::docid document, double min_weight) override {
    Xapian::ValuePostingSource::skip_to(document, min_weight);
    pass_over_others(min_weight);
  }
  bool check(Xapian::docid document, double min_weight) override {
    if (!Xapian::ValuePostingSource::check(document, min_weight)) return false;
    return at_end() || is_wanted();
  }
  // Only an upper bound is known.
  void init(const Xapian::Database& database) override {
    Xapian::ValuePostingSource::init(database);
    set_termfreq_min(0);
    set_termfreq_est(database.get_doccount() / 2);
  }
  [[nodiscard]] OwnerSource* clone() const override { return new OwnerSource(owners_); }
  [[nodiscard]] std::string get_description() const override { return "OwnerSource"; }

 private:
  [[nodiscard]] bool is_wanted() const {
    return owners_->contains(index::unit_of_packed(get_value()));
  }
  void pass_over_others(double min_weight) {
    while (!at_end() && !is_wanted()) Xapian::ValuePostingSource::next(min_weight);
  }

  std::shared_ptr<const UnitSet> owners_;
};

Xapian::Query any_of(const std::vector<std::string>& terms) {
  return {Xapian::Query::OP_OR, terms.begin(), terms.end()};
}

Xapian::Query under_embargo(Instant now) {
  const auto later = index::instant_value(now + std::chrono::milliseconds(1));
  return {Xapian::Query::OP_AND, Xapian::Query(index::embargo_term()),
          Xapian::Query(Xapian::Query::OP_VALUE_GE, index::slot_embargo, later)};
}

Xapian::Query clause_query(const access::Clause& clause, Instant now) {
  std::vector<std::string> standings;
  for (const auto visibility : clause.visibilities) {
    for (const auto state : clause.states)
      standings.push_back(index::standing_term(visibility, state));
  }
  auto query = any_of(standings);
  if (clause.owners) query &= owned_by(clause.owners);
  if (!clause.creator.empty()) query &= Xapian::Query(index::creator_term(clause.creator));
  if (!clause.press_recipient.empty()) {
    query &= Xapian::Query(index::recipient_term(clause.press_recipient));
    query &= under_embargo(now);
  }
  if (clause.embargo_must_be_over)
    query = Xapian::Query(Xapian::Query::OP_AND_NOT, query, under_embargo(now));
  return query;
}

}  // namespace

Xapian::Query owned_by(std::shared_ptr<const UnitSet> owners) {
  if (owners->size() > most_owner_terms)
    return Xapian::Query((new OwnerSource(std::move(owners)))->release());
  std::vector<std::string> terms;
  for (const auto owner : owners->numbers()) terms.push_back(index::unit_term(owner));
  return any_of(terms);
}

Xapian::Query readable(const access::ReadFilter& filter) {
  if (filter.everything) return {};
  std::vector<Xapian::Query> ways;
  for (const auto& clause : filter.any_of) ways.push_back(clause_query(clause, filter.now));
  if (ways.empty()) return Xapian::Query::MatchNothing;
  return {Xapian::Query::OP_OR, ways.begin(), ways.end()};
}

}  // namespace khochung::search
