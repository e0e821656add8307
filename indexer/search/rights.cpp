#include "indexer/search/rights.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "indexer/index/terms.hpp"

namespace khochung::search {
namespace {

using Way = Shown::Way;

/// Up to here owners are looked up as terms; a federation's thousands are looked at one by one.
constexpr std::size_t most_owner_terms = 64;

/// Comes behind all documents.
constexpr auto no_document = std::numeric_limits<Xapian::docid>::max();

unsigned standing_of(Visibility visibility, State state) {
  return static_cast<unsigned>(visibility) * 8 + static_cast<unsigned>(state);
}

std::uint64_t standing_bit(Visibility visibility, State state) {
  return std::uint64_t{1} << standing_of(visibility, state);
}

Way way_of(const access::Clause& clause) {
  std::uint64_t standings = 0;
  for (const auto visibility : clause.visibilities) {
    for (const auto state : clause.states) standings |= standing_bit(visibility, state);
  }
  Way way;
  way.owners = clause.owners;
  if (!clause.embargo_must_be_over) way.under_embargo = standings;
  if (clause.press_recipient.empty()) way.without_embargo = standings;
  if (!clause.creator.empty()) way.terms.push_back(index::creator_term(clause.creator));
  if (!clause.press_recipient.empty())
    way.terms.push_back(index::recipient_term(clause.press_recipient));
  return way;
}

/// Clauses that differ in standings and embargo alone are one way.
std::vector<Way> ways_of(const access::ReadFilter& filter) {
  if (filter.everything) return {{~std::uint64_t{0}, ~std::uint64_t{0}, nullptr, {}}};
  std::vector<Way> ways;
  for (const auto& clause : filter.any_of) {
    auto way = way_of(clause);
    const auto alike = std::ranges::find_if(ways, [&](const Way& other) {
      return other.owners == way.owners && other.terms == way.terms;
    });
    if (alike == ways.end()) {
      ways.push_back(std::move(way));
    } else {
      alike->without_embargo |= way.without_embargo;
      alike->under_embargo |= way.under_embargo;
    }
  }
  return ways;
}

/// Whether nothing that is in the index fails to go this way, as for who administers all units.
bool is_open_to_all(const Way& way) {
  std::uint64_t every_standing = 0;
  for (auto v = 0; v <= static_cast<int>(Visibility::private_); ++v) {
    for (auto s = 0; s <= static_cast<int>(State::deleted); ++s)
      every_standing |= standing_bit(static_cast<Visibility>(v), static_cast<State>(s));
  }
  return !way.owners && way.terms.empty() &&
         (way.without_embargo & way.under_embargo & every_standing) == every_standing;
}

/// Whether a document goes this way, terms apart. Which way one goes is as good as random, so that
/// guesses at it would be wrong: no branch here hangs on the document.
bool admits(const Way& way, unsigned standing, bool is_under_embargo, UnitNumber owner) {
  const auto open = (is_under_embargo ? way.under_embargo : way.without_embargo) >> standing & 1U;
  return (open & static_cast<unsigned>(!way.owners || way.owners->contains(owner))) != 0;
}

/// The documents of a term, followed in ascending order.
class Postings {
 public:
  Postings(const Xapian::Database& database, const std::string& term)
      : at_(database.postlist_begin(term)), end_(database.postlist_end(term)) {}

  /// The first one that is not before `document`.
  Xapian::docid next_from(Xapian::docid document) {
    if (next_ < document) {
      if (at_ != end_) at_.skip_to(document);
      next_ = at_ == end_ ? no_document : *at_;
    }
    return next_;
  }

 private:
  Xapian::PostingIterator at_, end_;
  Xapian::docid next_ = 0;  ///< known to be in it; 0: not asked yet
};

/// Goes over the documents that are shown: one look a document, however many ways there are. Only
/// for what an account made or is invited to are its terms looked at.
///
/// Xapian takes it for a list of all documents, so that the words lead and it is asked about what
/// they find: led by it, a search took up to a tenth longer. Asked after the weight instead (a
/// MatchDecider), it took up to a third longer for those to whom little is shown.
class ShownSource final : public Xapian::PostingSource {
 public:
  ShownSource(Instant now, const std::vector<Way>& ways, std::shared_ptr<const UnitSet> owners,
              KeptRights& kept)
      : now_(now), ways_(ways), owners_(std::move(owners)), kept_(kept), reader_(kept) {
    for (const auto& way : ways) {
      if (way.terms.empty()) {
        plain_.push_back(way);
      } else {
        with_terms_.push_back({way, {}});
      }
    }
  }

  [[nodiscard]] ShownSource* clone() const override {
    return new ShownSource(now_, ways_, owners_, kept_);
  }
  [[nodiscard]] std::string get_description() const override { return "ShownSource"; }

  void init(const Xapian::Database& database) override {
    count_ = database.get_doccount();
    last_ = database.get_lastdocid();
    for (auto& way : with_terms_) {
      for (const auto& term : way.way.terms) way.postings.emplace_back(database, term);
    }
  }
  void next(double /*min_weight*/) override { go_on_from(at_ + 1); }
  void skip_to(Xapian::docid document, double /*min_weight*/) override {
    if (!stands_ || at_ < document) go_on_from(std::max(at_, document));
  }
  bool check(Xapian::docid document, double /*min_weight*/) override {
    at_ = document;
    return stands_ = is_shown(document);
  }
  [[nodiscard]] bool at_end() const override { return at_ > last_; }
  [[nodiscard]] Xapian::docid get_docid() const override { return at_; }
  [[nodiscard]] Xapian::doccount get_termfreq_min() const override { return 0; }
  [[nodiscard]] Xapian::doccount get_termfreq_est() const override { return count_; }
  [[nodiscard]] Xapian::doccount get_termfreq_max() const override { return count_; }

 private:
  struct WayWithTerms {
    Way way;
    std::vector<Postings> postings;
  };

  void go_on_from(Xapian::docid document) {
    for (at_ = document; at_ <= last_ && !is_shown(at_); ++at_) {
    }
    stands_ = true;
  }

  bool is_shown(Xapian::docid document) {
    const auto& rights = reader_.of(document);
    if (!rights.is_there || (owners_ && !owners_->contains(rights.owner))) return false;
    const auto standing = standing_of(rights.visibility, rights.state);
    const bool is_under_embargo = now_ < reader_.embargo_until(rights);
    bool is_admitted = false;
    for (const auto& way : plain_)
      is_admitted |= admits(way, standing, is_under_embargo, rights.owner);
    if (document < next_with_terms_) return is_admitted;
    return is_admitted || is_shown_by_terms(document, standing, is_under_embargo, rights.owner);
  }

  // Seldom asked, so that it does not stand in the way of what is asked of every document.
  [[gnu::noinline]] bool is_shown_by_terms(Xapian::docid document, unsigned standing,
                                           bool is_under_embargo, UnitNumber owner) {
    bool is_admitted = false;
    next_with_terms_ = no_document;
    for (auto& with : with_terms_) {
      auto next = document;
      for (auto& postings : with.postings) next = std::max(next, postings.next_from(document));
      next_with_terms_ = std::min(next_with_terms_, next);
      is_admitted |= next == document && admits(with.way, standing, is_under_embargo, owner);
    }
    return is_admitted;
  }

  Instant now_;
  std::vector<Way> ways_;
  std::vector<Way> plain_;
  std::vector<WayWithTerms> with_terms_;
  Xapian::docid next_with_terms_ = 0;  ///< before it no document has the terms of one of these
  std::shared_ptr<const UnitSet> owners_;
  KeptRights& kept_;
  KeptRights::Reader reader_;
  Xapian::doccount count_ = 0;
  Xapian::docid last_ = 0;
  Xapian::docid at_ = 0;
  bool stands_ = false;  ///< whether `at_` is shown, or the end
};

}  // namespace

Shown::Shown(const access::ReadFilter& filter, std::shared_ptr<const UnitSet> owners,
             KeptRights& kept)
    : now_(filter.now),
      ways_(ways_of(filter)),
      owners_(std::move(owners)),
      are_owners_terms_(owners_ && owners_->size() <= most_owner_terms),
      kept_(kept) {}

Xapian::Query Shown::query() const {
  std::vector<Xapian::Query> conditions;
  if (are_owners_terms_) {
    std::vector<std::string> terms;
    for (const auto owner : owners_->numbers()) terms.push_back(index::unit_term(owner));
    conditions.emplace_back(Xapian::Query::OP_OR, terms.begin(), terms.end());
  }
  if (is_source_needed())
    conditions.emplace_back((new ShownSource(now_, ways_, owners_to_look_at(), kept_))->release());
  return {Xapian::Query::OP_AND, conditions.begin(), conditions.end()};
}

double Shown::share() const {
  const auto& sample = kept_.sample();
  if (sample.empty() || !is_source_needed()) return 1;
  const auto owners = owners_to_look_at();
  const auto is_shown = [&](const index::RightsValue& rights) {
    const auto standing = standing_of(rights.visibility, rights.state);
    return (!owners || owners->contains(rights.owner)) &&
           std::ranges::any_of(ways_, [&](const Way& way) {
             return way.terms.empty() &&
                    admits(way, standing, now_ < rights.embargo_until, rights.owner);
           });
  };
  return static_cast<double>(std::ranges::count_if(sample, is_shown)) /
         static_cast<double>(sample.size());
}

bool Shown::is_source_needed() const {
  return owners_to_look_at() || std::ranges::none_of(ways_, is_open_to_all);
}

std::shared_ptr<const UnitSet> Shown::owners_to_look_at() const {
  return are_owners_terms_ ? nullptr : owners_;
}

}  // namespace khochung::search
