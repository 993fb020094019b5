# Growth of cost, a panel a series:
#
#   gnuplot -c growth.gnuplot PICTURE DATA
#
# DATA has blocks of "# label", and n, median, min, max a line.

set terminal pngcairo size 1200, 900 background rgb "white"
set output ARG1

set logscale xy
set format x "10^{%L}"
set format y "%.0s %cs"
set grid
set key off
set xlabel offset 0, 0.5
set style line 1 linecolor rgb "#1f5f9f" linewidth 1.5 pointtype 7 \
    pointsize 0.6

stats ARG2 nooutput
panels = STATS_blocks

set multiplot layout (panels + 2) / 3, 3 title \
    "CPU time of the core for a request" font ",16"

do for [i = 0 : panels - 1] {
    set xlabel system(sprintf("grep -a '^#' '%s' | sed -n '%dp' | cut -c3-", \
        ARG2, i + 1))
    plot ARG2 index i using 1:($2 * 1e-9):($3 * 1e-9):($4 * 1e-9) \
        with yerrorlines linestyle 1
}

unset multiplot
