#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/error.hpp"
#include "schemas/instant.hpp"
#include "server/pages/words.hpp"

/// The pages: pure functions from what the API answers (schemas/openapi.yaml) and the context of a
/// request to HTML. They add presentation and nothing else; who may see what is decided before.
/// Members that a JSON value lacks are left out of the page.
/// Threads: safe from many threads.
namespace khochung::pages {

/// What a page knows of the request that it answers.
struct PageContext {
  Language language = Language::vietnamese;
  std::string path_and_query = "/";  ///< as the browser sent it, beginning with '/'
  std::string user_name;             ///< empty: not signed in, or not known (error pages)
  std::string viewed_as;  ///< "anonymous", "press", "union": the page is a look through their eyes
  bool has_session = false;  ///< on error pages: the browser holds a session, so it is
                             ///< not offered to sign in
  bool may_upload = false;
  bool is_caretaker = false;  ///< looks after the store as a whole
  std::string csrf_token;
  std::string request_id;
  std::string site_name;
  std::string origin;  ///< "https://kho.example.vn", for canonical and Open Graph addresses
};

/// The Content-Security-Policy that every page is sent with: no inline script, one known style.
std::string content_security_policy();

/// The same for what other sites may show in a frame: nothing acts there at all.
std::string embed_security_policy();

/// Shape: `newest` is a search answer to the empty query; `units` as /api/v1/units answers.
std::string front_page(const PageContext& context, const boost::json::value& newest,
                       const boost::json::value& units);

/// The state of a search as its address holds it.
struct SearchParameters {
  std::string q, unit, kind, year, language, media_type, sort, theme, audience, channel, format;
  int offset = 0;
  int limit = 20;
};

/// Each member that is text, by its name in the address.
struct SearchField {
  std::string_view name;
  std::string SearchParameters::* value;
};
inline constexpr std::array<SearchField, 11> search_fields{
    {{"q", &SearchParameters::q},
     {"unit", &SearchParameters::unit},
     {"kind", &SearchParameters::kind},
     {"year", &SearchParameters::year},
     {"language", &SearchParameters::language},
     {"media_type", &SearchParameters::media_type},
     {"sort", &SearchParameters::sort},
     {"theme", &SearchParameters::theme},
     {"audience", &SearchParameters::audience},
     {"channel", &SearchParameters::channel},
     {"format", &SearchParameters::format}}};

/// Shape: a hit may carry number, kind, issuer, date, page_count, media_type, size_bytes beside
/// what
///        the contract fixes. `did_you_mean` and `notice` are strings or null; `notice` may be the
///        key of a sentence.
std::string search_page(const PageContext& context, const SearchParameters& parameters,
                        const boost::json::value& answer);

/// What of a search's results comes in one piece.
struct SelectionView {
  SearchParameters search;
  std::int64_t total = 0;  ///< results of the search
  std::uint64_t size_bytes = 0;
  std::string zip_address;
};
/// Shape: `materials` as GET /api/v1/search gives hits: id, title, size_bytes.
std::string selection_page(const PageContext& context, const SelectionView& selection,
                           const boost::json::value& materials);

/// A rectangle on a page picture, in its pixels.
struct HitBox {
  double x = 0, y = 0, w = 0, h = 0;
};

/// What a material's page shows besides the material: the page that is open and what was searched.
struct MaterialView {
  std::string query;
  int page = 1;
  std::vector<int> hit_pages;           ///< pages with the query's words, ascending
  int page_width = 0, page_height = 0;  ///< of the open page's picture; 0: no picture (yet)
  std::vector<HitBox> boxes;            ///< on the open page
  std::string page_text;                ///< of the open page
  bool is_machine_read = false;         ///< by OCR: the text may be wrong
  bool is_layout_waiting = false;       ///< page pictures will come
  boost::json::value parts;             ///< [{id, title, media_type, page_count, …}]
  boost::json::value whole;             ///< {id, title} of what this is a part of, or null
  boost::json::value revisions;         ///< [{revision, at, by, why}], newest first
  Instant now{};                        ///< when it is shown: an embargo may be over
  bool may_edit = false;
  bool may_remove = false;
  bool may_hold = false;
  /// For those who may edit: which kinds of viewers see it now, as [{who, sees}].
  boost::json::value seen_by;
};

std::string material_page(const PageContext& context, const boost::json::value& material,
                          const MaterialView& view);

/// The 410 page of what was withdrawn or deleted: title, reason (`notice`), when; nothing else.
std::string withdrawn_page(const PageContext& context, const boost::json::value& material);

/// Shape: `units`: those the person may add to, the first being chosen; `unfinished`: the person's
/// uploads under way, as /api/v1/uploads answers. What `choices` lacks is not asked for.
std::string upload_page(const PageContext& context, const boost::json::value& units,
                        const boost::json::value& unfinished, const ConceptChoices& choices);

/// The receipt. Shape: as /api/v1/batches/{id} answers.
std::string batch_page(const PageContext& context, const boost::json::value& batch);

/// What was typed before, and where to go after signing in.
struct SignIn {
  std::string name;
  std::string next;              ///< an address of this site
  std::string error;             ///< a sentence or ""
  bool asks_code = false;        ///< the code of the second step may come with the password
  std::string done = {};         ///< key of what was just done, or ""
  bool offers_recovery = false;  ///< there is a mail server
  std::string provider = {};     ///< where one can sign in, too; empty: nowhere
};
std::string sign_in_page(const PageContext& context, const SignIn& sign_in);

/// A material or press kit in a frame on another site: its picture, title and unit, and the way
/// here. Shape: as /api/v1/materials/{id} or /api/v1/kits/{id} answers an anonymous viewer; the
/// picture of the first page has `view`'s size.
std::string embedded_page(const PageContext& context, const boost::json::value& material,
                          const MaterialView& view);

/// What stands in such a frame in place of what cannot be shown.
std::string embedded_error(const PageContext& context, std::string_view sentence);

/// Any failure, with the sentence for the person (`sentence_for`).
std::string error_page(const PageContext& context, int status, std::string_view sentence);

}  // namespace khochung::pages
