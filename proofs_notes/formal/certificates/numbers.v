(** Exact numbers of a certificate's arrays, and dot products of them in machine integers. An entry is an integer over a
    power of two; the integer is written in digits of a power of two, one machine integer each ("planes"), so that a dot
    product of two planes never leaves 63 bits. That it does not is checked, and then nothing is rounded.

    Definitions: [horner], the number with given digits; [row], a row as planes; [digits], the integer at a place of a
    row; [array], rows with the digits' size and one exponent; [base], the digits' base; [entry], the real number at a
    place; [int_dot], the dot product of two planes in machine integers, [z_dot] in Z; [exact_dot], of two rows;
    [small], no number of a row is larger than a bound, which [within] says of one; [fits], no sum of n products
    leaves 63 bits; [at_place], the real number that one plane has there.
    Statements: none; dot_exact says what is computed. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith Sint63.
From Skipscape.base Require Import sums.
Import ListNotations.
Open Scope R_scope.

(** digits from the lowest on *)
Fixpoint horner (s : Z) (l : list Z) : Z := match l with nil => 0 | d :: r => d + s * horner s r end.

Definition row := list (list int).
Definition digits (s : Z) (r : row) (i : nat) : Z := horner s (map (fun plane => Sint63.to_Z (nth i plane 0%sint63)) r).

(** [step]: bits of a digit; [point]: the exponent; [rows]: row by row *)
Record array := Array { step : nat; point : nat; rows : list row }.
Definition base (a : array) : Z := 2 ^ Z.of_nat (step a).
Definition entry (a : array) (j i : nat) : R := IZR (digits (base a) (nth j (rows a) nil) i) / 2 ^ point a.

Fixpoint int_dot (u v : list int) (sum : int) : int :=
  match u, v with
  | a :: u', b :: v' => int_dot u' v' (sum + a * b)%sint63
  | _, _ => sum
  end.
Definition exact_dot (s t : Z) (u v : row) : Z :=
  horner s (map (fun p => horner t (map (fun q => Sint63.to_Z (int_dot p q 0%sint63)) v)) u).

Definition within (bound : int) (a : int) : bool := (Sint63.leb (- bound)%sint63 a && Sint63.leb a bound)%bool.
Definition small (bound : int) (r : row) : bool := forallb (forallb (within bound)) r.
Definition fits (n : nat) (x y : int) : bool :=
  (Z.leb 0 (Sint63.to_Z x) && Z.leb 0 (Sint63.to_Z y) &&
   Z.ltb (Z.of_nat n * (Sint63.to_Z x * Sint63.to_Z y)) (wB / 2))%bool.

(** * One dot product of planes, first in integers without bounds *)

Fixpoint z_dot (u v : list int) : Z :=
  match u, v with a :: u', b :: v' => Sint63.to_Z a * Sint63.to_Z b + z_dot u' v' | _, _ => 0 end.

Lemma cmod_same x : (cmod x wB mod wB = x mod wB)%Z.
Proof. unfold cmod. rewrite Zminus_mod_idemp_l. f_equal. lia. Qed.

Lemma int_exact a z : (Sint63.to_Z a mod wB = z mod wB)%Z -> (- (wB / 2) <= z < wB / 2)%Z -> Sint63.to_Z a = z.
Proof.
  intros H Hz. pose proof (Sint63.to_Z_bounded a) as B. rewrite Sint63.to_Z_min, Sint63.to_Z_max in B.
  rewrite <- (cmod_small (Sint63.to_Z a) wB) by lia. rewrite <- (cmod_small z wB) by lia.
  now rewrite <- (cmod_mod (Sint63.to_Z a)), H, cmod_mod.
Qed.

Lemma int_dot_mod u : forall v s, (Sint63.to_Z (int_dot u v s) mod wB = (Sint63.to_Z s + z_dot u v) mod wB)%Z.
Proof.
  induction u as [|a u IH]; intros [|b v] s; cbn [int_dot z_dot]; try (f_equal; ring).
  rewrite IH, Sint63.add_spec, Sint63.mul_spec.
  rewrite <- Zplus_mod_idemp_l, cmod_same, Zplus_mod_idemp_l.
  replace (Sint63.to_Z s + cmod (Sint63.to_Z a * Sint63.to_Z b) wB + z_dot u v)%Z
    with (cmod (Sint63.to_Z a * Sint63.to_Z b) wB + (Sint63.to_Z s + z_dot u v))%Z by ring.
  rewrite <- Zplus_mod_idemp_l, cmod_same, Zplus_mod_idemp_l. f_equal. ring.
Qed.

Lemma within_ok bound a : within bound a = true -> (0 <= Sint63.to_Z bound)%Z ->
  (Z.abs (Sint63.to_Z a) <= Sint63.to_Z bound)%Z.
Proof.
  intros H H0. unfold within in H. apply andb_prop in H. destruct H as [H1 H2]. rewrite Sint63.leb_spec in H1, H2.
  pose proof (Sint63.to_Z_bounded bound) as B. rewrite Sint63.to_Z_min, Sint63.to_Z_max in B.
  rewrite Sint63.opp_spec, cmod_small in H1; [lia|]. change (wB / 2)%Z with 4611686018427387904%Z in *. lia.
Qed.

Lemma z_dot_bound x y u : forall v n, (0 <= x)%Z -> (0 <= y)%Z -> (length v <= n)%nat ->
  (forall a, In a u -> Z.abs (Sint63.to_Z a) <= x)%Z -> (forall b, In b v -> Z.abs (Sint63.to_Z b) <= y)%Z ->
  (Z.abs (z_dot u v) <= Z.of_nat n * (x * y))%Z.
Proof.
  induction u as [|a u IH]; intros [|b v] n Hx Hy Hn Hu Hv; cbn [z_dot]; try (simpl; nia).
  destruct n as [|n]; [simpl in Hn; lia|]. simpl in Hn.
  assert (H : (Z.abs (z_dot u v) <= Z.of_nat n * (x * y))%Z).
  { apply IH; try lia; intros; [apply Hu | apply Hv]; now right. }
  assert (Ha : (Z.abs (Sint63.to_Z a) <= x)%Z) by (apply Hu; now left).
  assert (Hb : (Z.abs (Sint63.to_Z b) <= y)%Z) by (apply Hv; now left).
  assert (Z.abs (Sint63.to_Z a * Sint63.to_Z b) <= x * y)%Z by (rewrite Z.abs_mul; apply Z.mul_le_mono_nonneg; lia). lia.
Qed.

Lemma int_dot_exact n x y u v : fits n x y = true -> (length v <= n)%nat ->
  forallb (within x) u = true -> forallb (within y) v = true -> Sint63.to_Z (int_dot u v 0%sint63) = z_dot u v.
Proof.
  intros H Hn Hu Hv. unfold fits in H. rewrite !andb_true_iff in H. destruct H as [[Hx Hy] Hb].
  apply Z.leb_le in Hx, Hy. apply Z.ltb_lt in Hb. rewrite forallb_forall in Hu, Hv.
  assert (B : (Z.abs (z_dot u v) <= Z.of_nat n * (Sint63.to_Z x * Sint63.to_Z y))%Z).
  { apply z_dot_bound; try easy; intros a Ha; apply within_ok; auto. }
  apply int_exact; [rewrite int_dot_mod; f_equal | lia].
Qed.

(** * As sums of real numbers *)

Definition at_place (plane : list int) (i : nat) : R := IZR (Sint63.to_Z (nth i plane 0%sint63)).

Lemma lsum_first n (f : nat -> R) : \sum_(i < S n) f i = f O + \sum_(i < n) f (S i).
Proof. cbn [seq lsum]. now rewrite <- seq_shift, lsum_map. Qed.

Lemma z_dot_sum v : forall u n, (length v <= n)%nat -> IZR (z_dot u v) = \sum_(i < n) (at_place u i * at_place v i).
Proof.
  assert (zero : forall i, at_place nil i = 0) by (intros [|i]; reflexivity).
  induction v as [|b v IH]; intros [|a u] n Hn; cbn [z_dot];
    try (symmetry; apply lsum_zero; intros; rewrite zero; ring).
  destruct n as [|n]; [simpl in Hn; lia|]. simpl in Hn. rewrite lsum_first, plus_IZR, mult_IZR.
  rewrite (IH u n) by lia. easy.
Qed.

Lemma digits_cons s p r i : IZR (digits s (p :: r) i) = at_place p i + IZR s * IZR (digits s r i).
Proof. unfold digits; cbn [map horner]. now rewrite plus_IZR, mult_IZR. Qed.

Lemma dot_exact n x y s t u v : fits n x y = true -> (forall q, In q v -> (length q <= n)%nat) ->
  small x u = true -> small y v = true ->
  IZR (exact_dot s t u v) = \sum_(i < n) (IZR (digits s u i) * IZR (digits t v i)).
Proof.
  intros Hf Hlen Hu Hv. unfold small in *. induction u as [|p u IH].
  - symmetry. apply lsum_zero. intros i _. unfold digits; simpl. ring.
  - cbn [forallb] in Hu. apply andb_prop in Hu. destruct Hu as [Hp Hu].
    unfold exact_dot; cbn [map horner]. rewrite plus_IZR, mult_IZR. fold (exact_dot s t u v). rewrite (IH Hu).
    rewrite (lsum_ext _ (fun i => IZR (digits s (p :: u) i) * IZR (digits t v i))
        (fun i => at_place p i * IZR (digits t v i) + IZR s * (IZR (digits s u i) * IZR (digits t v i))))
      by (intros i _; rewrite digits_cons; ring).
    rewrite lsum_plus, lsum_scal. f_equal. clear IH Hu u. induction v as [|q v IH].
    + symmetry. apply lsum_zero. intros i _. unfold digits; simpl. ring.
    + cbn [forallb] in Hv. apply andb_prop in Hv. destruct Hv as [Hq Hv]. cbn [map horner]. rewrite plus_IZR, mult_IZR.
      rewrite IH by (intros; auto; apply Hlen; now right).
      rewrite (int_dot_exact n x y), (z_dot_sum q p n) by (auto; apply Hlen; now left).
      rewrite (lsum_ext _ (fun i => at_place p i * IZR (digits t (q :: v) i))
        (fun i => at_place p i * at_place q i + IZR t * (at_place p i * IZR (digits t v i))))
        by (intros i _; rewrite digits_cons; ring).
      now rewrite lsum_plus, lsum_scal.
Qed.
