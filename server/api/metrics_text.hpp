#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/traffic.hpp"

namespace khochung::api {

/// Text for Prometheus. Names begin with the "khochung_" or "process_" that is given.
/// Source: the text exposition format, version 0.0.4.
class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Begins a family; its samples follow. `type`: "gauge", "counter" or "histogram".
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(double value, Labels labels = {});
  /// One whole family.
  void gauge(std::string_view name, std::string_view help, double value);
  void counter(std::string_view name, std::string_view help, double value);
  /// The samples of one histogram of the family; nothing for one without requests.
  void histogram(const http::RouteTraffic::Histogram& histogram, Labels labels);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, double value, const std::string& labels);

  std::string family_;
  std::string text_;
};

}  // namespace khochung::api
