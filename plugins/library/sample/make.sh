#!/bin/sh
# Makes the sample media anew, byte for byte with the same ffmpeg (5.1): sh make.sh
set -eu
cd "$(dirname "$0")"
rm -rf movies series
q='ffmpeg -nostdin -hide_banner -loglevel error -y -fflags +bitexact'
out='-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -threads 1'
# picture SOURCE SECONDS SIZE, tone HERTZ SECONDS
picture() { echo "-f lavfi -i $1=size=$3:rate=12:duration=$2"; }
tone() { echo "-f lavfi -i sine=frequency=$1:sample_rate=48000:duration=$2"; }
h264='-c:v libx264 -preset veryslow -crf 43 -g 12 -pix_fmt yuv420p'
aac='-c:a aac -b:a 24k -ac 1'
opus='-c:a libopus -b:a 12k -ac 1'

film() { mkdir -p "movies/$1"; }
season() { mkdir -p "series/$1"; }

film 'Big Test Pattern (2021)'
$q $(picture testsrc2 6 320x180) $(tone 440 6) $h264 $aac $out -movflags +faststart \
  'movies/Big Test Pattern (2021)/Big Test Pattern (2021) [1080p].mp4'
cat > 'movies/Big Test Pattern (2021)/Big Test Pattern (2021) [1080p].en.srt' <<'S'
1
00:00:00,500 --> 00:00:02,000
Every colour has its place.

2
00:00:03,000 --> 00:00:05,000
And then they move.
S
cat > 'movies/Big Test Pattern (2021)/movie.nfo' <<'S'
<?xml version="1.0" encoding="UTF-8"?>
<movie><title>Big Test Pattern</title><year>2021</year><plot>Colours move across a screen.</plot><genre>Test</genre></movie>
S
$q -f lavfi -i testsrc2=size=160x240:rate=1:duration=1 -frames:v 1 -q:v 12 $out 'movies/Big Test Pattern (2021)/poster.jpg'
mkdir -p 'movies/Big Test Pattern (2021)/trailers'
$q $(picture testsrc2 2 160x90) $h264 -an $out 'movies/Big Test Pattern (2021)/trailers/Big Test Pattern - Teaser.mp4'

film 'Sliding Colours (2019)'
$q $(picture testsrc 4 240x136) $(tone 330 4) -c:v libvpx-vp9 -pix_fmt yuv420p -b:v 24k -crf 50 -g 12 -row-mt 0 -deadline good -cpu-used 2 $opus \
  $out -shortest 'movies/Sliding Colours (2019)/Sliding.Colours.2019.720p.WEB-DL.VP9.Opus-NONE.webm'

film 'Life of Cells (1998) {edition-Directors Cut}'
$q -f lavfi -i life=size=160x90:rate=8:mold=10:ratio=0.1:seed=7 -t 3 $(tone 220 3) -c:v libvpx -pix_fmt yuv420p -b:v 60k -g 8 $opus \
  $out -shortest 'movies/Life of Cells (1998) {edition-Directors Cut}/Life of Cells (1998) {edition-Directors Cut}.webm'

film 'Two Voices (2015)'
cat > two.en.srt <<'S'
1
00:00:00,500 --> 00:00:02,500
Two voices, one picture.
S
cat > two.de.srt <<'S'
1
00:00:00,500 --> 00:00:02,500
Zwei Stimmen, ein Bild.
S
$q $(picture smptehdbars 4 320x180) $(tone 440 4) $(tone 660 4) -i two.en.srt -i two.de.srt -map 0 -map 1 -map 2 -map 3 -map 4 \
  $h264 $aac -c:s srt $out \
  -metadata:s:a:0 language=eng -metadata:s:a:0 title=Original -metadata:s:a:1 language=deu -metadata:s:a:1 title=Synchronfassung \
  -metadata:s:s:0 language=eng -metadata:s:s:1 language=deu -metadata:s:s:1 title=Erzwungen \
  -disposition:a:0 default -disposition:a:1 0 -disposition:s:0 0 -disposition:s:1 forced \
  'movies/Two Voices (2015)/Two.Voices.2015.1080p.BluRay.x264.DUAL-NONE.mkv'
rm two.en.srt two.de.srt

film 'Колесо времени (2007)'
$q $(picture testsrc 3 160x90) $(tone 500 3) -c:v mpeg2video -q:v 31 -g 25 -r 25 -c:a mp2 -b:a 32k -ac 1 $out \
  'movies/Колесо времени (2007)/Колесо времени (2007).ts'

film 'Grey Ramp (1987)'
$q $(picture testsrc 3 160x90) $(tone 300 3) -c:v mpeg4 -vtag XVID -q:v 25 -g 12 -c:a libmp3lame -b:a 24k -ac 1 $out \
  'movies/Grey Ramp (1987)/Grey Ramp (1987) DVDRip XviD.avi'

film 'Pocket Camera (2023)'
$q $(picture testsrc2 3 90x160) $(tone 400 3) $h264 $aac $out 'movies/Pocket Camera (2023)/Pocket Camera (2023).mov'

film 'Wide Colour (2022)'
$q $(picture testsrc2 3 320x132) $(tone 700 3) -c:v libx265 -preset medium -x265-params log-level=error:pools=none:frame-threads=1:keyint=12:info=0 -crf 38 \
  -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -c:a ac3 -b:a 64k -ac 2 $out \
  'movies/Wide Colour (2022)/Wide.Colour.2022.2160p.UHD.BluRay.x265.HDR.mkv'

film 'Broken Reel (2003)'
printf 'This file only looks like a film: its first bytes are text and nothing follows.\n' > 'movies/Broken Reel (2003)/Broken Reel (2003).mp4'

episode() { # path, source, seconds, tone
  $q $(picture "$2" "$3" 160x90) $(tone "$4" "$3") $h264 $aac $out "series/$1"
}
season 'Signal and Noise (2018)/Season 01'
season 'Signal and Noise (2018)/Season 02'
season 'Signal and Noise (2018)/Specials'
show='Signal and Noise (2018)'
episode "$show/Season 01/Signal and Noise - S01E01 - Carrier Wave.mkv" testsrc2 3 410
episode "$show/Season 01/Signal and Noise - S01E02-E03 - Sidebands.mkv" testsrc 4 420
episode "$show/Season 01/Signal.and.Noise.S01E04.720p.HDTV.x264-NONE.mp4" smptebars 2 430
episode "$show/Season 02/Signal and Noise - 2x01 - Squelch.mp4" rgbtestsrc 2 440
episode "$show/Season 02/Signal and Noise - 2x02 - Static.mkv" testsrc2 2 450
episode "$show/Specials/Signal and Noise - S00E01 - Making Waves.mp4" yuvtestsrc 2 460

season '試験電波/Season 1'
episode '試験電波/Season 1/試験電波 - S01E01.mkv' testsrc2 2 470
$q $(picture testsrc 2 160x90) $(tone 480 2) -c:v libvpx-vp9 -pix_fmt yuv420p -b:v 30k -g 12 -row-mt 0 $opus $out \
  'series/試験電波/Season 1/試験電波 - S01E02.webm'
