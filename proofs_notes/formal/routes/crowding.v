(** R1 (blueprint, section 2) with a grid in the place of caps: the exponent 1/d, with a cruder constant. [seed: the
    rate O(m^((eta-1)/n)), which is R1's with d <= n, l = m^eta and bounded S; ours: this statement, its constant
    and its proof]. "one crowded cap, merge l of it into one".

    Definitions: [cell], the number of the cell among K of [-1, 1] in which y lies; [grid_key], the cell of a cube
    of dimension d; [top], the place of a vector's largest entry; [peak], that entry's absolute value; [on_cube],
    the vector divided by it; [skip_index], the other coordinates of the face; [sign_bit], the sign of the largest
    entry; [direction_key], the cell of the direction: face, sign, cell on the face. Rows of one key have nearly the
    same direction.
    Statements: R1C. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia ZArith FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu selection.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb regulariser.
From Skipscape.routes Require Import prune.
Import ListNotations.
Open Scope R_scope.

(** * Pigeonhole *)

Lemma filter_split {T : Type} (f : T -> bool) (L : list T) :
  (length (filter f L) + length (filter (fun x => negb (f x)) L) = length L)%nat.
Proof. induction L as [|a L IH]; simpl; [easy|]. destruct (f a); simpl; lia. Qed.

Lemma filter_shorter {T : Type} (f g : T -> bool) (L : list T) :
  (length (filter f (filter g L)) <= length (filter f L))%nat.
Proof. induction L as [|a L IH]; simpl; [easy|]. destruct (g a), (f a) eqn:E; simpl; rewrite ?E; simpl; lia. Qed.

Lemma pigeonhole (key : nat -> nat) (l C : nat) : forall L : list nat,
  (forall j, In j L -> (key j < C)%nat) -> (C * l < length L)%nat ->
  exists v, (l < length (filter (fun j => Nat.eqb (key j) v) L))%nat.
Proof.
  induction C as [|C IH]; intros L Hkey Hlen.
  - destruct L as [|a L]; [simpl in Hlen; lia|]. specialize (Hkey a (or_introl eq_refl)). lia.
  - set (full := fun j => Nat.eqb (key j) C).
    destruct (le_lt_dec (length (filter full L)) l) as [Hle|Hlt]; [|now exists C].
    destruct (IH (filter (fun j => negb (full j)) L)) as (v & Hv).
    + intros j Hj. apply filter_In in Hj. destruct Hj as [Hj Hne]. specialize (Hkey j Hj).
      apply Bool.negb_true_iff, Nat.eqb_neq in Hne. lia.
    + pose proof (filter_split full L). simpl in Hlen. lia.
    + exists v. eapply Nat.lt_le_trans; [exact Hv | apply filter_shorter].
Qed.

(** * The grid: [-1, 1] in K cells, a cube of dimension d in K^d *)

Definition cell (K : nat) (y : R) : nat := Nat.min (K - 1) (Z.to_nat (Int_part ((y + 1) * INR K / 2))).

Lemma cell_spec K y : (0 < K)%nat -> -1 <= y <= 1 ->
  INR (cell K y) <= (y + 1) * INR K / 2 <= INR (cell K y) + 1.
Proof.
  intros HK Hy. set (x := (y + 1) * INR K / 2).
  assert (HK' : 1 <= INR K) by (apply (le_INR 1); lia).
  assert (Hx : 0 <= x <= INR K) by (unfold x; split; nra).
  destruct (base_Int_part x) as [Hlo Hhi].
  assert (Hz : (0 <= Int_part x)%Z) by (apply Z.lt_succ_r; apply lt_IZR; rewrite succ_IZR; lra).
  set (n := Z.to_nat (Int_part x)).
  assert (En : INR n = IZR (Int_part x)) by (unfold n; rewrite INR_IZR_INZ, Z2Nat.id; easy).
  unfold cell. fold x n. destruct (Nat.min_spec (K - 1) n) as [[Hlt ->]|[Hle ->]].
  - apply le_INR in Hlt. rewrite S_INR in Hlt. rewrite minus_INR in * by lia. simpl (INR 1) in *. lra.
  - lra.
Qed.

Lemma cell_lt K y : (0 < K)%nat -> (cell K y < K)%nat.
Proof. intros HK. unfold cell. lia. Qed.

Fixpoint grid_key (K d : nat) (y : vector) : nat :=
  match d with
  | O => O
  | S d => (grid_key K d y * K + cell K (y d))%nat
  end.

Lemma grid_key_lt K d y : (0 < K)%nat -> (grid_key K d y < K ^ d)%nat.
Proof.
  intros HK. induction d as [|d IH]; simpl; [lia|]. pose proof (cell_lt K (y d) HK). nia.
Qed.

Lemma digits K a b c e : (b < K)%nat -> (e < K)%nat -> (a * K + b = c * K + e)%nat -> a = c /\ b = e.
Proof. intros Hb He E. assert (a = c) by nia. subst. split; [easy | lia]. Qed.

Lemma grid_key_close K y y' : (0 < K)%nat -> forall d,
  (forall i, (i < d)%nat -> -1 <= y i <= 1 /\ -1 <= y' i <= 1) -> grid_key K d y = grid_key K d y' ->
  forall i, (i < d)%nat -> Rabs (y i - y' i) <= 2 / INR K.
Proof.
  intros HK. assert (HK' : 0 < INR K) by now apply lt_0_INR.
  induction d as [|d IH]; intros Hb E i Hi; [lia|]. cbn [grid_key] in E.
  destruct (digits K _ _ _ _ (cell_lt K (y d) HK) (cell_lt K (y' d) HK) E) as [Ed Ec].
  destruct (Nat.eq_dec i d) as [->|Hne]; [|apply IH; auto; lia].
  destruct (Hb d Hi) as [H1 H2]. pose proof (cell_spec K _ HK H1) as S1. pose proof (cell_spec K _ HK H2) as S2.
  rewrite Ec in S1.
  assert (Hd : Rabs ((y d - y' d) * INR K / 2) <= 1).
  { replace ((y d - y' d) * INR K / 2) with ((y d + 1) * INR K / 2 - (y' d + 1) * INR K / 2) by field.
    unfold Rabs; destruct Rcase_abs; lra. }
  unfold Rdiv in Hd at 1. rewrite !Rabs_mult, (Rabs_right (INR K)), (Rabs_right (/ 2)) in Hd by lra.
  apply (Rmult_le_reg_r (INR K)); [easy|]. replace (2 / INR K * INR K) with 2 by (field; lra). lra.
Qed.

(** * Directions: a row divided by its largest entry lies on a face of the cube *)

Fixpoint top (n : nat) (v : vector) : nat :=
  match n with
  | O => O
  | S n => if Rle_dec (Rabs (v (top n v))) (Rabs (v n)) then n else top n v
  end.

Lemma top_spec v n : (0 < n)%nat -> (top n v < n)%nat /\ forall i, (i < n)%nat -> Rabs (v i) <= Rabs (v (top n v)).
Proof.
  induction n as [|n IH]; intros Hn; [lia|]. cbn [top].
  destruct (Nat.eq_dec n 0) as [->|Hne].
  - destruct (Rle_dec _ _) as [H|H].
    + split; [lia|]. intros i Hi. replace i with O by lia. lra.
    + cbn [top] in H. lra.
  - destruct (IH ltac:(lia)) as [Ht Hmax]. destruct (Rle_dec _ _) as [H|H]; (split; [lia|]); intros i Hi.
    + destruct (Nat.eq_dec i n) as [->|]; [lra|]. specialize (Hmax i ltac:(lia)). lra.
    + destruct (Nat.eq_dec i n) as [->|]; [lra|]. apply Hmax. lia.
Qed.

Section Direction.
Variable d : nat.

Definition peak (v : vector) : R := Rabs (v (top (S d) v)).
Definition on_cube (v : vector) : vector := fun i => v i / peak v.
Lemma peak_le_norm v : peak v <= enorm (S d) v.
Proof. apply enorm_entry. now apply top_spec; lia. Qed.

Lemma peak_zero v : peak v = 0 -> forall i, (i < S d)%nat -> v i = 0.
Proof.
  intros Hp i Hi. destruct (top_spec v (S d) ltac:(lia)) as [_ Hmax]. specialize (Hmax i Hi).
  fold (peak v) in Hmax. destruct (Req_dec (v i) 0) as [E|E]; [easy|]. apply Rabs_pos_lt in E. lra.
Qed.
Variable K : nat.
Hypothesis HK : (0 < K)%nat.

(** the coordinates of the face opposite to entry f *)
Definition skip_index (f i : nat) : nat := if Nat.ltb i f then i else S i.
Definition sign_bit (v : vector) : nat := if Rle_dec 0 (v (top (S d) v)) then 0%nat else 1%nat.
Definition direction_key (v : vector) : nat :=
  ((top (S d) v * 2 + sign_bit v) * K ^ d
   + grid_key K d (fun i => on_cube v (skip_index (top (S d) v) i)))%nat.

Lemma direction_key_lt v : (direction_key v < 2 * S d * K ^ d)%nat.
Proof.
  unfold direction_key. destruct (top_spec v (S d) ltac:(lia)) as [Ht _].
  pose proof (grid_key_lt K d (fun i => on_cube v (skip_index (top (S d) v) i)) HK) as Hg.
  assert (Hs : (sign_bit v <= 1)%nat) by (unfold sign_bit; destruct (Rle_dec _ _); lia).
  assert (Hface : (top (S d) v * 2 + sign_bit v + 1 <= 2 * S d)%nat) by lia.
  apply Nat.lt_le_trans with ((top (S d) v * 2 + sign_bit v + 1) * K ^ d)%nat; [lia|].
  now apply Nat.mul_le_mono_r.
Qed.

Lemma on_cube_bound v i : 0 < peak v -> (i < S d)%nat -> -1 <= on_cube v i <= 1.
Proof.
  intros Hp Hi. destruct (top_spec v (S d) ltac:(lia)) as [_ Hmax]. specialize (Hmax i Hi). fold (peak v) in Hmax.
  assert (Habs : Rabs (on_cube v i) <= 1).
  { unfold on_cube, Rdiv. rewrite Rabs_mult, (Rabs_right (/ peak v)) by (left; now apply Rinv_0_lt_compat).
    apply (Rmult_le_reg_r (peak v)); [easy|]. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  revert Habs. unfold Rabs. destruct Rcase_abs; lra.
Qed.

Lemma on_cube_top v : 0 < peak v -> on_cube v (top (S d) v) = if Nat.eqb (sign_bit v) 0 then 1 else -1.
Proof.
  intros Hp. unfold on_cube, sign_bit. unfold peak in *. set (a := v (top (S d) v)) in *.
  destruct (Rle_dec 0 a) as [Ha|Ha]; simpl.
  - rewrite Rabs_right in * by lra. field. lra.
  - rewrite Rabs_left in * by lra. field. lra.
Qed.

(** two rows with one key: their points on the cube are at most 2 sqrt(d) / K apart *)
Lemma same_key_close v u : 0 < peak v -> 0 < peak u -> direction_key v = direction_key u ->
  enorm (S d) (fun i => on_cube v i - on_cube u i) <= 2 * sqrt (INR d) / INR K.
Proof.
  intros Hv Hu E. assert (HK' : 0 < INR K) by now apply lt_0_INR.
  destruct (digits (K ^ d) _ _ _ _ (grid_key_lt K d _ HK) (grid_key_lt K d _ HK) E) as [Eface Egrid].
  assert (Hbit : forall x, (sign_bit x <= 1)%nat) by (intros; unfold sign_bit; destruct (Rle_dec _ _); lia).
  pose proof (Hbit v) as Bv. pose proof (Hbit u) as Bu.
  assert (Etop : top (S d) v = top (S d) u) by lia. assert (Esign : sign_bit v = sign_bit u) by lia.
  rewrite <- Etop in Egrid. set (f := top (S d) v) in *.
  destruct (top_spec v (S d) ltac:(lia)) as [Hf _]. fold f in Hf.
  (* on the face coordinates the grid decides *)
  assert (Hother : forall i, (i < S d)%nat -> i <> f -> Rabs (on_cube v i - on_cube u i) <= 2 / INR K).
  { intros i Hi Hne. set (i' := if Nat.ltb i f then i else (i - 1)%nat).
    assert (Ei : skip_index f i' = i).
    { unfold skip_index, i'. destruct (Nat.ltb_spec i f) as [H|H].
      - now rewrite (proj2 (Nat.ltb_lt i f) H).
      - replace (Nat.ltb (i - 1) f) with false by (symmetry; apply Nat.ltb_ge; lia). lia. }
    assert (Hi' : (i' < d)%nat) by (unfold i'; destruct (Nat.ltb_spec i f); lia).
    assert (Hbound : forall n, (n < d)%nat ->
      -1 <= on_cube v (skip_index f n) <= 1 /\ -1 <= on_cube u (skip_index f n) <= 1).
    { intros n Hn. assert (Hskip : (skip_index f n < S d)%nat) by (unfold skip_index; destruct (Nat.ltb n f); lia).
      split; now apply on_cube_bound. }
    pose proof (grid_key_close K (fun n => on_cube v (skip_index f n)) (fun n => on_cube u (skip_index f n))
      HK d Hbound Egrid i' Hi') as H.
    cbv beta in H. now rewrite Ei in H. }
  assert (Hpeak : on_cube v f - on_cube u f = 0).
  { unfold f at 1. rewrite (on_cube_top v Hv), Etop, (on_cube_top u Hu), Esign. ring. }
  apply wnorm_le_sq.
  - apply Rmult_le_pos; [|left; now apply Rinv_0_lt_compat]. pose proof (sqrt_pos (INR d)). lra.
  - set (e := 2 / INR K).
    apply Rle_trans with (\sum_(i < S d) (e^2 - (if Nat.eqb f i then e^2 else 0))).
    + apply lsum_le; intros i Hi. apply in_rng in Hi. destruct (Nat.eqb_spec f i) as [<-|Hne].
      * rewrite Hpeak. lra.
      * specialize (Hother i Hi ltac:(auto)). fold e in Hother. rewrite <- (pow2_abs (_ - _)).
        assert ((Rabs (on_cube v i - on_cube u i))^2 <= e^2) by (apply pow_incr; split; [apply Rabs_pos | easy]).
        lra.
    + rewrite lsum_minus, lsum_const, (lsum_delta (S d) f (fun _ => e^2) Hf), seq_length, S_INR.
      replace (2 * sqrt (INR d) / INR K) with (sqrt (INR d) * e) by (unfold e; field; lra).
      rewrite Rpow_mult_distr, pow2_sqrt by apply pos_INR. lra.
Qed.

End Direction.

(** the projection is the best coefficient *)
Lemma projection_best X w u c : 0 <= c ->
  enorm (seen X) (fun i => w i - projection X w u * u i) <= enorm (seen X) (fun i => w i - c * u i).
Proof.
  intros Hc. pose proof (enorm_nonneg (seen X) u) as Hu0.
  destruct (Req_dec (enorm (seen X) u) 0) as [E|E].
  - right. apply enorm_ext; intros i Hi. pose proof (enorm_entry (seen X) u i Hi) as H.
    assert (Eu : u i = 0) by (rewrite E in H; destruct (Req_dec (u i) 0) as [|N]; [easy|]; apply Rabs_pos_lt in N; lra).
    rewrite Eu. ring.
  - assert (Hu : 0 < enorm (seen X) u) by lra.
    apply Rsqr_incr_0; try apply enorm_nonneg. rewrite !Rsqr_pow2, (projection_distance_sq X w u Hu).
    rewrite !enorm_sq. set (e := \sum_(i < seen X) (u i)^2).
    assert (Ee : e = (enorm (seen X) u)^2) by (unfold e; now rewrite enorm_sq).
    assert (He : 0 < e) by (rewrite Ee; nra).
    rewrite (lsum_ext _ (fun i => (w i - c * u i)^2) (fun i => (w i)^2 + ((-2 * c) * (w i * u i) + c^2 * (u i)^2)))
      by (intros; ring).
    rewrite !lsum_plus, !lsum_scal. fold (dot X w u). fold e.
    assert (Hr : dot X w u <= relu (dot X w u)) by (relu_cases; lra). set (r := relu (dot X w u)) in *.
    assert (Hsq : 0 <= (c * e - r)^2 / e) by (apply Rmult_le_pos; [apply pow2_ge_0 | left; now apply Rinv_0_lt_compat]).
    replace ((c * e - r)^2 / e) with (c^2 * e - 2 * c * r + r^2 / e) in Hsq by (field; lra).
    assert (c * dot X w u <= c * r) by now apply Rmult_le_compat_l. lra.
Qed.

Section Crowding.
Variables (X : data) (m : nat) (B : branch).
Variable d : nat.
(** "d = D - 1, the dimension of the sphere" that the directions of the rows live on *)
Hypothesis HD : seen X = S d.

(** all rows with the key of row b are merged into it *)
Lemma merge_cost K w u : (0 < K)%nat -> direction_key d K w = direction_key d K u -> 0 < peak d u \/ peak d w = 0 ->
  enorm (seen X) (fun i => w i - projection X w u * u i) <= enorm (seen X) w * (2 * sqrt (INR d) / INR K).
Proof.
  intros HK E Hu. assert (HK' : 0 < INR K) by now apply lt_0_INR.
  assert (Hbound : 0 <= 2 * sqrt (INR d) / INR K).
  { apply Rmult_le_pos; [|left; now apply Rinv_0_lt_compat]. pose proof (sqrt_pos (INR d)). lra. }
  destruct (Req_dec (peak d w) 0) as [Ew|Ew].
  - eapply Rle_trans; [apply (projection_best X w u 0); lra|].
    rewrite enorm_zero; [apply Rmult_le_pos; [apply enorm_nonneg | easy]|].
    intros i Hi. rewrite HD in Hi. rewrite (peak_zero d w Ew i Hi). ring.
  - destruct Hu as [Hu|Hu]; [|easy].
    assert (Hw : 0 < peak d w) by (pose proof (Rabs_pos (w (top (S d) w))) as H; fold (peak d w) in H; lra).
    eapply Rle_trans; [apply (projection_best X w u (peak d w / peak d u))|].
    { apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat]. }
    rewrite (enorm_ext (seen X) _ (fun i => peak d w * (on_cube d w i - on_cube d u i)))
      by (intros; unfold on_cube; field; lra).
    rewrite enorm_scal_pos, HD by lra.
    apply Rle_trans with (peak d w * (2 * sqrt (INR d) / INR K)).
    + apply Rmult_le_compat_l; [lra | now apply same_key_close].
    + apply Rmult_le_compat_r; [easy | apply peak_le_norm].
Qed.

(** R1 on a grid of K cells per coordinate of a face *)
Theorem R1_grid sigma lam P l K : (0 < K)%nat -> (2 * S d * K ^ d * l < m)%nat -> moment X sigma -> 0 <= lam ->
  exists J ctr cf, admissible m l J ctr cf /\ shrinks X P J ctr cf /\
    deviation X B sigma lam P J ctr cf <= sigma * mass X m B lam P * (2 * sqrt (INR d) / INR K).
Proof.
  intros HK Hm [Hs _] Hlam. set (key := fun j => direction_key d K (W P j)).
  set (rate := 2 * sqrt (INR d) / INR K).
  assert (HK' : 0 < INR K) by now apply lt_0_INR.
  assert (Hrate : 0 <= rate).
  { apply Rmult_le_pos; [|left; now apply Rinv_0_lt_compat]. pose proof (sqrt_pos (INR d)). lra. }
  destruct (pigeonhole key l (2 * S d * K ^ d) (seq 0 m)) as (x & Hx).
  { intros j _. now apply direction_key_lt. } { now rewrite seq_length. }
  set (L := filter (fun j => Nat.eqb (key j) x) (seq 0 m)) in *.
  assert (HL : forall j, In j L -> (j < m)%nat /\ key j = x).
  { intros j Hj. apply filter_In in Hj. destruct Hj as [Hj Hk]. apply in_rng in Hj. now apply Nat.eqb_eq in Hk. }
  assert (HN : NoDup L) by (apply NoDup_filter, seq_NoDup).
  (* the centre: the row of the crowd with the largest peak *)
  destruct (heaviest (fun j => peak d (W P j)) L) as (b & R & HP & Hmax); [intros E; rewrite E in Hx; simpl in Hx; lia|].
  pose proof (Permutation_NoDup HP HN) as HN'. inversion_clear HN' as [|? ? HbR HNR].
  pose proof (Permutation_length HP) as Hlen. simpl in Hlen.
  assert (HbL : In b L) by (apply (Permutation_in _ (Permutation_sym HP)); now left).
  assert (HR : forall j, In j R -> In j L) by (intros j Hj; apply (Permutation_in _ (Permutation_sym HP)); now right).
  set (J := firstn l R). set (cf := fun j => projection X (W P j) (W P b)).
  assert (HJR : forall j, In j J -> In j R).
  { intros j Hj. rewrite <- (firstn_skipn l R). apply in_app_iff. now left. }
  assert (HJ : slots m l J).
  { split; [|split].
    - rewrite <- (firstn_skipn l R) in HNR. now apply NoDup_app_l in HNR.
    - unfold J. rewrite firstn_length. lia.
    - intros j Hj. now apply HL, HR, HJR. }
  exists J, (fun _ => b), cf. split; [|split].
  - split; [easy|]. split; intros j Hj; [|apply projection_nonneg]. split; [now apply HL|].
    intros Hb. now apply HbR, HJR.
  - apply projection_shrinks.
  - unfold deviation. rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|].
    apply Rle_trans with (\sum_(j in J) (neuron_mass X B lam P j * rate)).
    + apply lsum_le; intros j Hj.
      assert (Hcost : enorm (seen X) (fun i => W P j i - cf j * W P b i) <= enorm (seen X) (W P j) * rate).
      { apply merge_cost; [easy | |].
        - destruct (HL j (HR j (HJR j Hj))) as [_ Ej]. destruct (HL b HbL) as [_ Eb]. unfold key in *. congruence.
        - specialize (Hmax j (HR j (HJR j Hj))). cbv beta in Hmax.
          pose proof (Rabs_pos (W P j (top (S d) (W P j)))) as H0. fold (peak d (W P j)) in H0.
          destruct (Req_dec (peak d (W P j)) 0); [now right | left; lra]. }
      unfold neuron_mass. set (o := enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)).
      assert (Ho : 0 <= o).
      { apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply Rmult_le_pos; [easy | apply enorm_nonneg]. }
      apply (Rmult_le_compat_r o) in Hcost; [|easy]. lra.
    + rewrite lsum_scal_r. apply Rmult_le_compat_r; [easy|]. unfold mass.
      destruct HJ as (HNJ & _ & HJm). rewrite (lsum_split m J (neuron_mass X B lam P) HNJ HJm).
      enough (0 <= \sum_(j < m) (if mem j J then 0 else neuron_mass X B lam P j)) by lra.
      apply lsum_nonneg; intros j _. destruct (mem j J); [lra | now apply neuron_mass_nonneg].
Qed.

(** the rate: r is the d-th root of 2 (d+1) l / m *)
Theorem R1_rate sigma lam P l r : (1 <= d)%nat -> (0 < l < m)%nat -> moment X sigma -> 0 <= lam ->
  0 <= r -> r ^ d = INR (2 * S d * l) / INR m ->
  exists J ctr cf, admissible m l J ctr cf /\ shrinks X P J ctr cf /\
    deviation X B sigma lam P J ctr cf <= sigma * mass X m B lam P * (4 * sqrt (INR d) * r).
Proof.
  intros Hd Hl Hs Hlam Hr Er. pose proof Hs as [Hs0 _].
  assert (Hm : 0 < INR m) by (apply lt_0_INR; lia).
  assert (HS : 0 <= sigma * mass X m B lam P) by (apply Rmult_le_pos; [easy | now apply mass_nonneg]).
  assert (Hsd : 1 <= sqrt (INR d)).
  { rewrite <- sqrt_1. apply sqrt_le_1_alt. apply (le_INR 1). lia. }
  (* the finest grid that is still crowded *)
  assert (Hgrid : exists K, (2 * S d * K ^ d * l < m)%nat /\ (m <= 2 * S d * (S K) ^ d * l)%nat).
  { assert (Hmany : forall n, (exists K, (2 * S d * K ^ d * l < m)%nat /\ (m <= 2 * S d * (S K) ^ d * l)%nat)
                              \/ (2 * S d * n ^ d * l < m)%nat).
    { induction n as [|n [H|H]]; [right | now left |].
      - rewrite Nat.pow_0_l by lia. lia.
      - destruct (le_lt_dec m (2 * S d * (S n) ^ d * l)) as [Hle|Hlt]; [left; now exists n | now right]. }
    destruct (Hmany m) as [H|H]; [easy|]. exfalso.
    assert (Hpow : (m <= m ^ d)%nat).
    { destruct d as [|d']; [lia|]. simpl. assert (1 <= m ^ d')%nat by (apply Nat.neq_0_lt_0, Nat.pow_nonzero; lia). nia. }
    nia. }
  destruct Hgrid as (K & Hlo & Hhi).
  (* 1 <= r (K + 1) *)
  assert (Hroot : 1 <= r * INR (S K)).
  { apply Rnot_lt_le. intros Hlt. assert (H0 : 0 <= r * INR (S K)) by (apply Rmult_le_pos; [easy | apply pos_INR]).
    assert (Hpow : (r * INR (S K)) ^ d < 1).
    { destruct d as [|d']; [lia|]. cbn [pow]. assert (Hle : (r * INR (S K)) ^ d' <= 1).
      { rewrite <- (pow1 d'). apply pow_incr. lra. }
      assert (0 <= (r * INR (S K)) ^ d') by now apply pow_le. nra. }
    rewrite Rpow_mult_distr, Er, <- pow_INR in Hpow. apply le_INR in Hhi.
    replace (2 * S d * S K ^ d * l)%nat with (2 * S d * l * S K ^ d)%nat in Hhi by lia.
    rewrite mult_INR in Hhi. apply (Rmult_lt_compat_r (INR m)) in Hpow; [|easy].
    replace (INR (2 * S d * l) / INR m * INR (S K ^ d) * INR m) with (INR (2 * S d * l) * INR (S K ^ d)) in Hpow
      by (field; lra).
    lra. }
  destruct (Nat.eq_dec K 0) as [->|HK].
  - (* fewer neurons than cells: pruning is within the bound *)
    destruct (R4_prune X m B sigma lam P l ltac:(lia) Hs Hlam) as (J & ctr & Ha & Hsh & _ & HDev).
    exists J, ctr, (fun _ => 0). split; [easy|]. split; [easy|]. eapply Rle_trans; [exact HDev|].
    apply Rmult_le_compat_l; [easy|]. simpl (INR 1) in Hroot.
    assert (Hlm : INR l / INR m <= 1).
    { apply (Rmult_le_reg_r (INR m)); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
      rewrite Rmult_1_l, Rmult_1_r. apply le_INR. lia. }
    nra.
  - destruct (R1_grid sigma lam P l K ltac:(lia) Hlo Hs Hlam) as (J & ctr & cf & Ha & Hsh & HDev).
    exists J, ctr, cf. split; [easy|]. split; [easy|]. eapply Rle_trans; [exact HDev|].
    apply Rmult_le_compat_l; [easy|].
    assert (HK' : 1 <= INR K) by (apply (le_INR 1); lia). rewrite S_INR in Hroot.
    (* 1/K <= 2/(K+1) <= 2 r *)
    assert (Hinv : / INR K <= 2 * r).
    { apply (Rmult_le_reg_r (INR K)); [lra|]. rewrite Rinv_l by lra. nra. }
    unfold Rdiv. replace (4 * sqrt (INR d) * r) with (2 * sqrt (INR d) * (2 * r)) by ring.
    apply Rmult_le_compat_l; [lra | exact Hinv].
Qed.
End Crowding.
