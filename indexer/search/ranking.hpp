#pragma once

#include <xapian.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace khochung::search {

/// How documents are weighed against each other: BM25 whose word weights come with the query, as
/// factors (PublicStatistics::rarity), and whose average length is given. Parts are whole multiples
/// of a small step: their sum is exact, in whatever order Xapian adds them, and that order depends
/// on all documents.
class PublicRanking final : public Xapian::Weight {
 public:
  explicit PublicRanking(double average_length) : average_length_(average_length) {
    need_stat(WDF);
    need_stat(WDF_MAX);
    need_stat(DOC_LENGTH);
    need_stat(DOC_LENGTH_MIN);
  }

  [[nodiscard]] PublicRanking* clone() const override { return new PublicRanking(average_length_); }
  [[nodiscard]] std::string name() const override { return "PublicRanking"; }
  [[nodiscard]] double get_sumpart(Xapian::termcount uses, Xapian::termcount length,
                                   Xapian::termcount /*unique_terms*/) const override {
    return in_steps(factor_ * part(uses, length));
  }
  /// A document is at least as long as a word is used in it.
  [[nodiscard]] double get_maxpart() const override {
    const auto most = get_wdf_upper_bound();
    return in_steps(factor_ * part(most, std::max(most, get_doclength_lower_bound()))) + step;
  }
  [[nodiscard]] double get_sumextra(Xapian::termcount, Xapian::termcount) const override {
    return 0;
  }
  [[nodiscard]] double get_maxextra() const override { return 0; }

 private:
  static constexpr double saturation = 1.2;
  static constexpr double length_influence = 0.75;
  static constexpr double step = 1.0 / (1U << 24U);

  void init(double factor) override { factor_ = factor; }

  static double in_steps(double weight) { return std::nearbyint(weight / step) * step; }

  [[nodiscard]] double part(Xapian::termcount uses, Xapian::termcount length) const {
    const double relative_length = length / average_length_;
    const double damping = saturation * (1 - length_influence + length_influence * relative_length);
    return uses * (saturation + 1) / (damping + uses);
  }

  double average_length_;
  double factor_ = 0;
};

}  // namespace khochung::search
