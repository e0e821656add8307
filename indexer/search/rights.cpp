#include "indexer/search/rights.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "indexer/index/terms.hpp"

namespace khochung::search {
namespace {

/// Up to here owners are looked up as terms; a federation's thousands are compared by value.
constexpr std::size_t most_owner_terms = 64;
/// So many documents tell how many of all pass.
constexpr Xapian::docid sampled_documents = 300;

/// Goes over the documents whose value in a slot is wanted. Xapian takes it for one that passes
/// everything, so that the words lead and it is asked about what they find: led by it, a search
/// took up to a tenth longer.
class FilteringSource : public Xapian::ValuePostingSource {
 public:
  using Xapian::ValuePostingSource::ValuePostingSource;

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
    return at_end() || is_wanted(get_docid(), get_value());
  }
  void init(const Xapian::Database& database) override {
    Xapian::ValuePostingSource::init(database);
    begin(database);
    set_termfreq_min(0);
    set_termfreq_est(get_termfreq_max());
  }

 protected:
  /// Before the first document of a database.
  virtual void begin(const Xapian::Database& /*database*/) {}
  /// Documents are asked for in ascending order.
  [[nodiscard]] virtual bool is_wanted(Xapian::docid document, const std::string& value) = 0;

 private:
  void pass_over_others(double min_weight) {
    while (!at_end() && !is_wanted(get_docid(), get_value()))
      Xapian::ValuePostingSource::next(min_weight);
  }
};

class OwnerSource final : public FilteringSource {
 public:
  explicit OwnerSource(std::shared_ptr<const UnitSet> owners)
      : FilteringSource(index::slot_rights), owners_(std::move(owners)) {}
  [[nodiscard]] OwnerSource* clone() const override { return new OwnerSource(owners_); }
  [[nodiscard]] std::string get_description() const override { return "OwnerSource"; }

 private:
  [[nodiscard]] bool is_wanted(Xapian::docid /*document*/, const std::string& value) override {
    return owners_->contains(index::unit_of_packed(value));
  }

  std::shared_ptr<const UnitSet> owners_;
};

/// A clause, its visibilities and states as bits.
struct Way {
  std::uint64_t standings = 0;
  std::shared_ptr<const UnitSet> owners;
  bool embargo_must_be_over = true;
  bool embargo_must_run = false;
  std::vector<std::string> terms;  ///< all of which a document must have
};

std::uint64_t standing_bit(Visibility visibility, State state) {
  return std::uint64_t{1} << (static_cast<unsigned>(visibility) * 8 + static_cast<unsigned>(state));
}

Way way_of(const access::Clause& clause) {
  Way way;
  for (const auto visibility : clause.visibilities) {
    for (const auto state : clause.states) way.standings |= standing_bit(visibility, state);
  }
  way.owners = clause.owners;
  way.embargo_must_be_over = clause.embargo_must_be_over;
  way.embargo_must_run = !clause.press_recipient.empty();
  if (!clause.creator.empty()) way.terms.push_back(index::creator_term(clause.creator));
  if (way.embargo_must_run) way.terms.push_back(index::recipient_term(clause.press_recipient));
  return way;
}

/// Clauses that differ in visibilities and states alone are one way. Those that need no look at
/// terms come first.
std::vector<Way> ways_of(const access::ReadFilter& filter) {
  std::vector<Way> ways;
  for (const auto& clause : filter.any_of) {
    auto way = way_of(clause);
    const auto alike = std::ranges::find_if(ways, [&](const Way& other) {
      return other.owners == way.owners && other.terms == way.terms &&
             other.embargo_must_be_over == way.embargo_must_be_over &&
             other.embargo_must_run == way.embargo_must_run;
    });
    if (alike == ways.end()) {
      ways.push_back(std::move(way));
    } else {
      alike->standings |= way.standings;
    }
  }
  std::ranges::stable_sort(ways, {}, [](const Way& way) { return way.terms.size(); });
  return ways;
}

/// Whether nothing that is in the index fails to go this way, as for who administers all units.
bool is_open_to_all(const Way& way) {
  std::uint64_t every_standing = 0;
  for (auto v = 0; v <= static_cast<int>(Visibility::private_); ++v) {
    for (auto s = 0; s <= static_cast<int>(State::deleted); ++s)
      every_standing |= standing_bit(static_cast<Visibility>(v), static_cast<State>(s));
  }
  return !way.owners && !way.embargo_must_be_over && !way.embargo_must_run && way.terms.empty() &&
         (way.standings & every_standing) == every_standing;
}

/// Whether a value passes a clause, terms apart.
bool admits(const Way& way, const index::RightsValue& rights, Instant now) {
  if ((way.standings & standing_bit(rights.visibility, rights.state)) == 0) return false;
  const bool is_under_embargo = now < rights.embargo_until;
  if (is_under_embargo ? way.embargo_must_be_over : way.embargo_must_run) return false;
  return !way.owners || way.owners->contains(rights.owner);
}

/// Goes over the documents that pass a filter: one value a document, however many clauses there
/// are. Only for what an account made or is invited to are its terms looked at.
class ReadableSource final : public FilteringSource {
 public:
  ReadableSource(Instant now, std::vector<Way> ways)
      : FilteringSource(index::slot_rights), now_(now), ways_(std::move(ways)) {}
  [[nodiscard]] ReadableSource* clone() const override { return new ReadableSource(now_, ways_); }
  [[nodiscard]] std::string get_description() const override { return "ReadableSource"; }

 private:
  /// The documents of a term, followed in ascending order.
  struct Postings {
    Xapian::PostingIterator at, end;
    bool has(Xapian::docid document) {
      if (at != end) at.skip_to(document);
      return at != end && *at == document;
    }
  };

  void begin(const Xapian::Database& database) override {
    postings_.assign(ways_.size(), {});
    for (std::size_t i = 0; i < ways_.size(); ++i) {
      for (const auto& term : ways_[i].terms)
        postings_[i].push_back({database.postlist_begin(term), database.postlist_end(term)});
    }
  }

  [[nodiscard]] bool is_wanted(Xapian::docid document, const std::string& value) override {
    const auto rights = index::RightsValue::unpacked(value);
    for (std::size_t i = 0; i < ways_.size(); ++i) {
      if (!admits(ways_[i], rights, now_)) continue;
      const auto has_it = [&](Postings& postings) { return postings.has(document); };
      if (std::ranges::all_of(postings_[i], has_it)) return true;
    }
    return false;
  }

  Instant now_;
  std::vector<Way> ways_;
  std::vector<std::vector<Postings>> postings_;  ///< of the terms of each way
};

}  // namespace

Xapian::Query owned_by(std::shared_ptr<const UnitSet> owners) {
  if (owners->size() > most_owner_terms)
    return Xapian::Query((new OwnerSource(std::move(owners)))->release());
  std::vector<std::string> terms;
  for (const auto owner : owners->numbers()) terms.push_back(index::unit_term(owner));
  return {Xapian::Query::OP_OR, terms.begin(), terms.end()};
}

Xapian::Query readable(const access::ReadFilter& filter) {
  if (filter.everything) return {};
  auto ways = ways_of(filter);
  if (std::ranges::any_of(ways, is_open_to_all)) return {};
  return Xapian::Query((new ReadableSource(filter.now, std::move(ways)))->release());
}

void RightsSample::take() {
  const auto last = database_.get_lastdocid();
  const auto step = std::max<Xapian::docid>(1, last / sampled_documents);
  auto value = database_.valuestream_begin(index::slot_rights);
  for (auto document = 1 + step / 2; document <= last; document += step) {
    value.skip_to(document);
    if (value == database_.valuestream_end(index::slot_rights)) break;
    taken_.push_back(index::RightsValue::unpacked(*value));
  }
  is_taken_ = true;
}

double RightsSample::share_that_passes(const access::ReadFilter& filter, const UnitSet* owners) {
  const bool has_source = owners != nullptr && owners->size() > most_owner_terms;
  if (filter.everything && !has_source) return 1;
  if (!is_taken_) take();
  if (taken_.empty()) return 1;
  const auto ways = ways_of(filter);
  const auto passes = [&](const index::RightsValue& rights) {
    const auto goes = [&](const Way& way) {
      return way.terms.empty() && admits(way, rights, filter.now);
    };
    return (filter.everything || std::ranges::any_of(ways, goes)) &&
           (!has_source || owners->contains(rights.owner));
  };
  return static_cast<double>(std::ranges::count_if(taken_, passes)) /
         static_cast<double>(taken_.size());
}

}  // namespace khochung::search
