. "$CASES/lib.sh"
# at a terminal init asks for what matters, with its proposal as the answer
command -v python3 > /dev/null || exit 77
{
    echo 'step,amount,nameOrig,nameDest,isFraud'
    i=0
    while [ $i -lt 200 ]; do
        echo "$((1 + i / 20)),$((i * 37 % 900 + 10)).50,C$((100000 + i * 7919 % 61)),M$((200000 + i * 104729 % 23)),$((i % 50 == 7))"
        i=$((i + 1))
    done
} > payments.csv
echo "== an answer that is no column, a column, what is proposed, and none"
printf 'nameDst\nnameDest\n\n\n-\n' | "$CASES/../ask.py" "$RINGFENCE" init payments.csv | sed -n '1,/^and/p'
sed -n '/^fields/,/attributes:/p' ringfence.yaml
echo "== what was left as it is stays"
{
    echo 'at,ref,merchant,terminal,amount'
    i=0
    while [ $i -lt 200 ]; do
        echo "2024-03-$((10 + i % 20)),A$((i * 31 % 40)),M$((i * 7 % 23)),T$((i * 11 % 19)),$((i % 90)).5"
        i=$((i + 1))
    done
} > parties.csv
printf '\nterminal\n\n\n' | "$CASES/../ask.py" "$RINGFENCE" init parties.csv -o parties.yaml --set "output=$(printf '%0150d' 0)" | grep ']: '
sed -n -e '/^  user/p' -e '/^  entity/p' -e '/^output/p' parties.yaml
echo "== nothing is asked"
printf '' | "$CASES/../ask.py" "$RINGFENCE" init payments.csv --yes --force -o - | grep -c '\]: '
