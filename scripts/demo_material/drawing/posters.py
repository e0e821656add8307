"""Posters and an infographic, each a function that gives one SVG of A-series proportions."""
from . import people
from .shapes import (blossom, circle, gear, glow, group, helmet, line, path, rect, shade, star, svg, words)

WIDTH, HEIGHT = 1200, 1697


def sample_line(y, fill="#fff", width=WIDTH):
    return words(width / 2, y, "VĂN BẢN MẪU · Kho Chung · được dùng tự do, ghi rõ “tư liệu mẫu”", 19, fill, 500, more='opacity=".85"')


def rays(x, y, reach, colour, count=18):
    from math import cos, pi, sin
    body = ""
    for k in range(count):
        a, b = 2 * pi * k / count, 2 * pi * (k + 0.5) / count
        body += path(f"M{x} {y}L{x + reach * cos(a):.0f} {y + reach * sin(a):.0f}L{x + reach * cos(b):.0f} {y + reach * sin(b):.0f}Z", colour)
    return body


def skyline(y, colour):
    """Chimneys, cranes, flats, a saw-tooth hall."""
    body = rect(0, y, WIDTH, 400, colour)
    for x, w, h in ((20, 90, 170), (120, 60, 250), (930, 110, 220), (1050, 130, 150), (860, 60, 300)):
        body += rect(x, y - h, w, h + 10, colour)
    body += path(f"M220 {y}" + "".join(f"l0 -120 l90 60 l0 -60" if k == 0 else "l90 60 l0 -60" for k in range(4)) + f"L600 {y}Z", colour)
    body += path(f"M690 {y} L706 {y - 330} L730 {y - 330} L746 {y}Z", colour) + path(f"M770 {y} L784 {y - 270} L806 {y - 270} L820 {y}Z", colour)
    return body


def workers_month():
    """Tháng Công nhân 2026."""
    defs = shade("sky", (0, "#a30f1d"), (55, "#d9352b"), (100, "#f5a13c")) + glow("sun", "#ffe9a3", 1)
    body = rect(0, 0, WIDTH, HEIGHT, "url(#sky)")
    body += f'<g opacity=".10">{rays(600, 980, 1500, "#fff3c4")}</g>' + circle(600, 980, 560, "url(#sun)")
    body += gear(600, 940, 330, "#ffd76a", 18, 0.74) + circle(600, 940, 236, "#c92028") + star(600, 900, 150, "#ffe27a")
    body += f'<g opacity=".35">{skyline(1240, "#6d1016")}</g>'
    body += words(600, 150, "CÔNG ĐOÀN VIỆT NAM", 40, "#ffe9b0", 700, more='letter-spacing="9"')
    body += words(600, 300, "THÁNG CÔNG NHÂN", 106, "#fff", 900) + words(600, 470, "2026", 168, "#ffe27a", 900, more='letter-spacing="16"')
    body += words(600, 556, "Đoàn kết – Sáng tạo – An toàn", 50, "#fff", 600)
    crew = ((130, "#2f6db5", "cap:#f2b91f", ("down", "hip"), "#f08a24"), (352, "#f4f4f2", "long", ("hip", "front"), ""),
            (600, "#2f6db5", "cap:#ffffff", ("up", "up"), "#f08a24"), (848, "#e9f2f4", "bun", ("front", "hip"), ""),
            (1070, "#2f8f6b", "short", ("hip", "down"), ""))
    for number, (x, shirt, style, poses, vest) in enumerate(crew):
        body += people.standing(x, 1500 if number % 2 else 1530, 1.62, shirt, number, style, poses, "#2b3857", vest)
    body += rect(0, 1470, WIDTH, 227, "#8c0f1b") + rect(0, 1470, WIDTH, 8, "#ffd76a")
    body += words(600, 1545, "Chăm lo thiết thực – Đối thoại chân thành", 45, "#ffe27a", 800)
    body += words(600, 1604, "Kỷ niệm 140 năm Quốc tế Lao động 1/5 (1886 – 2026)", 32, "#fff", 500) + sample_line(1664)
    return svg(WIDTH, HEIGHT, body, defs)


def tick(x, y, size=1.0):
    return group(circle(0, 0, 34, "#1e8a5f") + path("M-15 1 L-4 13 L17 -12", "none", 'stroke="#fff" stroke-width="8" stroke-linecap="round" stroke-linejoin="round"'), x, y, size)


def safety():
    """Five things before the shift."""
    defs = shade("top", (0, "#ffd23f"), (100, "#f7b500"))
    body = rect(0, 0, WIDTH, HEIGHT, "#fffaf0") + rect(0, 0, WIDTH, 720, "url(#top)")
    for k in range(-2, 20):
        body += path(f"M{k * 90} 690 L{k * 90 + 50} 690 L{k * 90 + 10} 730 L{k * 90 - 40} 730Z", "#22262b")
    body += circle(880, 430, 250, "#fff", 'opacity=".35"')
    body += people.standing(885, 1010, 2.35, "#2f6db5", 1, "cap:#ffffff", ("up", "hip"), "#2b3857", "#f2711c")
    body += rect(0, 728, WIDTH, 970, "#fffaf0")
    for k in range(-2, 20):
        body += path(f"M{k * 90} 690 L{k * 90 + 50} 690 L{k * 90 + 10} 730 L{k * 90 - 40} 730Z", "#22262b")
    body += words(80, 170, "AN TOÀN", 128, "#22262b", 900, "start") + words(80, 300, "LÀ SỐ 1", 128, "#c3151f", 900, "start")
    body += words(84, 390, "5 điều nhớ làm", 58, "#22262b", 800, "start") + words(84, 460, "trước khi vào ca", 58, "#22262b", 800, "start")
    body += words(84, 560, "Tháng hành động về", 34, "#3b3420", 600, "start") + words(84, 606, "An toàn, vệ sinh lao động", 34, "#3b3420", 600, "start")
    rules = (("Mang đủ mũ, giày, kính, găng tay", "Thiếu phương tiện bảo hộ: báo tổ trưởng, chưa làm việc."),
             ("Thử nút dừng khẩn cấp và tấm chắn máy", "Máy hỏng phải treo biển, không tự ý sửa."),
             ("Nhìn lối thoát hiểm và bình chữa cháy", "Không để hàng chắn lối đi."),
             ("Uống nước, nói ngay khi thấy mệt", "Nắng nóng trên 37 độ C: nghỉ giữa ca nhiều hơn."),
             ("Thấy nguy hiểm: dừng lại, báo ngay", "Bạn có quyền từ chối làm việc khi nguy cơ đe dọa tính mạng."))
    for k, (head, note) in enumerate(rules):
        y = 800 + k * 152
        body += rect(70, y - 42, 1060, 128, "#fff", 20, 'stroke="#eadfbf" stroke-width="3"') + tick(138, y + 22)
        body += words(200, y + 16, f"{k + 1}. {head}", 40, "#22262b", 800, "start") + words(200, y + 62, note, 28, "#5a5446", 500, "start")
    body += rect(0, 1590, WIDTH, 107, "#22262b") + words(600, 1638, "Về nhà an toàn là món quà lớn nhất cho gia đình", 34, "#ffd23f", 700) + sample_line(1676)
    return svg(WIDTH, HEIGHT, body, defs)


BENEFITS = (  # number or sign, head, two lines
    ("1", "Được bảo vệ", "Tư vấn, đại diện khởi kiện", "khi quyền lợi bị xâm phạm", "#c8202c"),
    ("2", "Được thương lượng", "Thỏa ước lao động tập thể:", "lương, ca, thưởng, bữa ăn", "#d9772b"),
    ("3", "Được chăm lo", "Ốm đau, thai sản, hoạn nạn,", "Tết Sum vầy, Mái ấm", "#c9980f"),
    ("4", "Được an toàn", "Mạng lưới an toàn viên,", "giám sát nơi làm việc", "#1e8a5f"),
    ("5", "Được học", "Nâng cao tay nghề, pháp luật,", "học bổng cho con", "#1d7f8c"),
    ("6", "Được giảm giá", "Điểm phúc lợi đoàn viên:", "khám bệnh, mua sắm, vé xe", "#2363a8"),
    ("7", "Được vui khỏe", "Hội thao, văn nghệ,", "nhà văn hóa, tủ sách", "#5b4aa0"),
    ("8", "Được lên tiếng", "Đối thoại, hội nghị người", "lao động, góp ý chính sách", "#a03c85"))


def bar(x, y, width, share, text, colour):
    return (words(x, y - 14, text, 26, "#2b2b2b", 600, "start") + rect(x, y, width, 34, "#ece4d4", 17)
            + rect(x, y, width * share, 34, colour, 17) + words(x + width + 20, y + 27, f"{share:.0%}", 30, colour, 800, "start"))


def benefits():
    """Why join the union: an infographic."""
    body = rect(0, 0, WIDTH, HEIGHT, "#fbf6ec") + path("M0 0 L1200 0 L1200 330 C900 420 300 280 0 390Z", "#a6121f")
    body += words(70, 130, "VÀO CÔNG ĐOÀN", 84, "#fff", 900, "start") + words(70, 222, "để làm gì, có quyền lợi gì?", 56, "#ffe08a", 700, "start")
    body += gear(1040, 170, 112, "#ffd76a", 16, 0.7) + star(1040, 165, 56, "#fff3c4")
    for k, (number, head, one, two, colour) in enumerate(BENEFITS):
        x, y = 70 + (k % 2) * 540, 440 + (k // 2) * 196
        body += rect(x, y, 520, 172, "#fff", 22, 'stroke="#eadfc8" stroke-width="3"') + rect(x, y, 14, 172, colour, 7)
        body += circle(x + 84, y + 86, 50, colour) + words(x + 84, y + 106, number, 56, "#fff", 900)
        body += words(x + 158, y + 58, head, 36, colour, 800, "start") + words(x + 158, y + 102, one, 25, "#3b3b3b", 500, "start") + words(x + 158, y + 136, two, 25, "#3b3b3b", 500, "start")
    body += words(70, 1278, "Đoàn viên nói gì (khảo sát mẫu, 500 phiếu)", 34, "#2b2b2b", 800, "start")
    body += bar(70, 1340, 860, 0.87, "Biết công đoàn cơ sở của mình ở đâu, gặp ai", "#c8202c")
    body += bar(70, 1424, 860, 0.72, "Được hỏi ý kiến trước khi ký thỏa ước", "#1e8a5f")
    body += bar(70, 1508, 860, 0.64, "Đã dùng ít nhất một phúc lợi trong năm", "#2363a8")
    body += rect(0, 1588, WIDTH, 109, "#a6121f") + words(600, 1636, "Gia nhập: gặp tổ trưởng công đoàn, điền một tờ đơn – không mất phí", 32, "#fff", 700) + sample_line(1676, "#ffe9c4")
    return svg(WIDTH, HEIGHT, body)


def notice_board():
    """The front of a small bulletin: a drawn notice board."""
    body = rect(0, 0, 1600, 1067, "#8a5a34") + rect(36, 36, 1528, 995, "#c79a63", 10) + words(800, 130, "BẢNG TIN CÔNG ĐOÀN CƠ SỞ", 62, "#5a2e12", 900)
    notes = ((90, 190, "#fff", -2, "LỊCH TUẦN", ("Thứ ba: họp tổ công đoàn", "Thứ năm: đo môi trường", "Thứ bảy: hội thao 7 giờ")),
             (590, 180, "#fff6c9", 1.5, "BỮA ĂN CA", ("Thực đơn có hai món mặn", "Góp ý: hòm thư nhà ăn", "Giám sát bếp: 10 giờ")),
             (1080, 196, "#e7f3ea", -1, "NGƯỜI TỐT, VIỆC TỐT", ("Tổ cắt: 3 sáng kiến quý III", "Trả lại ví cho đồng nghiệp", "Hiến máu: 42 đoàn viên")),
             (120, 600, "#fdeaea", 2, "TƯ VẤN PHÁP LUẬT", ("Hợp đồng, lương, bảo hiểm", "Tối thứ tư, phòng công đoàn", "Miễn phí, giữ kín")),
             (610, 606, "#eaf1fb", -1.5, "TẾT SUM VẦY", ("Đăng ký xe về quê", "Hạn cuối 17 giờ 19/01", "Ưu tiên người có con nhỏ")),
             (1090, 590, "#fff", 1, "AN TOÀN", ("Ngày thứ 412 không tai nạn", "Kiểm tra tấm chắn máy", "Thấy nguy hiểm: báo ngay")))
    for x, y, paper, tilt, head, rows in notes:
        note = rect(6, 8, 400, 340, "#000", 4, 'opacity=".18"') + rect(0, 0, 400, 340, paper, 3) + words(200, 74, head, 33, "#a6121f", 800)
        note += "".join(words(32, 146 + k * 58, text, 27, "#2b2b2b", 500, "start") for k, text in enumerate(rows))
        note += circle(200, 16, 13, "#d92b2b") + circle(196, 12, 4, "#fff", 'opacity=".7"')
        body += f'<g transform="translate({x} {y}) rotate({tilt})">{note}</g>'
    return svg(1600, 1067, body + sample_line(1012, "#4a2a12", 1600))


POSTERS = {f.__name__: f for f in (workers_month, safety, benefits, notice_board)}
